#!/usr/bin/env node
import { Command } from 'commander';
import { version } from './cli/assemble.js';
import { describeFailure } from './cli/failures.js';

const program = new Command('xinglin')
  .description(
    'Xinglin 杏林: an assistant in WeChat patient groups, on a simulated WeChat until a puppet-service token is set.',
  )
  .version(version)
  .addHelpText(
    'after',
    `
Examples:
  xinglin start                 run the bot; the page is at http://127.0.0.1:8080
  xinglin chat                  talk to it in this terminal, as any simulated person
  xinglin chat --script FILE    play a script and print what was said
  xinglin check                 is everything in order? a line each
  xinglin backup today.db       copy the database, also while the bot runs

Settings come from the environment and a .env file; .env.example explains each.`,
  );

program
  .command('start', { isDefault: true })
  .description('run the bot until Ctrl+C')
  .action(async () => (await import('./cli/start.js')).start());
program
  .command('chat')
  .description('the simulated community in the terminal')
  .option('--script <file>', 'play the lines of a file and print the transcript')
  .option('--fresh', 'a new community in memory, nothing is kept')
  .action(async (options: { script?: string; fresh?: boolean }) => (await import('./cli/chat.js')).chat(options));
program
  .command('check')
  .description(
    'settings, database, books, audit, knowledge, safety files, puppet and model: a line each; exit code 1 when one is wrong',
  )
  .action(async () => (await import('./cli/check.js')).check());
program
  .command('backup <file>')
  .description('copy the database into a file, also while the bot runs')
  .action(async (file: string) => (await import('./cli/maintenance.js')).backup(file));
program
  .command('restore <file>')
  .description('put a backup back; refuses a running bot and a damaged file')
  .action(async (file: string) => (await import('./cli/maintenance.js')).restore(file));
program
  .command('rotate-key')
  .description('put a new key on top of the key file; what was sealed before still opens')
  .action(async () => (await import('./cli/maintenance.js')).rotateKeyCommand());
program
  .command('migrate')
  .description("bring the database to this program's version (start does it too, after a backup)")
  .option('--dump <file>', 'write the schema of an empty database instead')
  .action(async (options: { dump?: string }) => (await import('./cli/maintenance.js')).migrateCommand(options));

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
});

#!/usr/bin/env node
import { Command, Option } from 'commander';
import { describeFailure } from './cli/failures.js';
import { version } from './cli/version.js';
import type { AnswerStyle } from './knowledge/index.js';
import { keepHeapSmall } from './platform/heap.js';

keepHeapSmall();

const program = new Command('xinglin')
  .description(
    'Xinglin 杏林: an assistant in WeChat patient groups, on a simulated WeChat until a puppet-service token is set.',
  )
  .version(version)
  .showHelpAfterError('(xinglin --help, or the command with --help, tells more)')
  .addHelpText(
    'after',
    `
Examples:
  xinglin start                 run the bot; the page is at http://127.0.0.1:8080
  xinglin chat                  talk to it in this terminal, as any simulated person
  xinglin chat --script FILE    play a script and print what was said
  xinglin check                 is everything in order? a line each
  xinglin backup today.db       copy the database, also while the bot runs

Settings come from the environment and from the file .env in the current folder;
.env.example explains each. Without any, the bot runs on a simulated WeChat and
keeps what it knows in ./data. Every command uses the same settings.`,
  );

/** A command whose help says what happens, what is needed, and shows it being used. */
function command(name: string, description: string, help: string): Command {
  return program.command(name).description(description).addHelpText('after', `\n${help}`);
}

command(
  'start',
  'run the bot until Ctrl+C',
  `Prints what it serves, the page's address and, until there is an owner, the setup
code: send “绑定管理员 CODE” to the bot in a private chat. Ctrl+C finishes the
message in hand, sends what is due within 5 s and ends; a second one ends at once.

Examples:
  xinglin start                                    on the simulated WeChat
  XINGLIN_PORT=9000 xinglin start                  with the page on another port
  WECHATY_PUPPET_SERVICE_TOKEN=… \\
  WECHATY_PUPPET_SERVICE_ENDPOINT=10.0.0.5:8788 \\
  xinglin start                                    on WeChat; read the README first

Exit code: 0 after a stop, 1 when it cannot start or gives up.`,
).action(async () => (await import('./cli/start.js')).start());

command(
  'chat',
  'the simulated community in the terminal',
  `Without options you speak as a simulated person, to the same community that
\`xinglin start\` shows at /sim; not both at once. Type /help there.

A script has one line for each thing that happens; a name may be shortened:
  张阿姨 @ 糖友: 打卡 空腹6.5          张阿姨 says it in the group 糖友群
  李医生 > 小杏: 待办                  李医生 says it to the bot in private
  +30m                                half an hour passes (s, m, h, d)
  # a comment
It is played from Monday 8:00 in a new community, keeps nothing, and prints the
same transcript every time.

Examples:
  xinglin chat
  xinglin chat --fresh
  xinglin chat --script morning.txt`,
)
  .option('--script <file>', 'play the lines of a file and print the transcript')
  .option('--fresh', 'a new community that is forgotten at the end')
  .action(async (options: { script?: string; fresh?: boolean }) => (await import('./cli/chat.js')).chat(options));

command(
  'check',
  'is everything in order? a line each, and an exit code',
  `Looks at settings, data folder, database, key file, points books, audit chain,
knowledge, safety files, puppet service and language model, and changes nothing.
It may be used while the bot runs. “warn” is worth reading (files that no physician
has signed, say), “FAIL” needs you.

Examples:
  xinglin check
  xinglin check || mail -s 'Xinglin needs a look' you@example.org

Exit code: 0 when nothing failed, else 1.`,
).action(async () => (await import('./cli/check.js')).check());

command(
  'backup <file>',
  'copy the database into a file, also while the bot runs',
  `The copy is whole as of one instant, and checked. The key file is not part of it:
keep a copy of that in another place, since without it names and words stay sealed.
A running bot makes a backup of its own every day. SQLite only: PostgreSQL has pg_dump.

Examples:
  xinglin backup today.db
  xinglin backup "/mnt/backups/xinglin-$(date +%F).db"`,
).action(async (file: string) => (await import('./cli/maintenance.js')).backup(file));

command(
  'restore <file>',
  'put a backup back',
  `Stop the bot first. A damaged backup, one of a newer program, of the other kind of
puppet or sealed with another key is refused, and nothing is changed. Whoever asked to be
erased since the backup is erased again. The database of before is kept beside it,
ending in .before-restore.

Examples:
  xinglin restore today.db
  xinglin restore data/backups/…-daily.db`,
).action(async (file: string) => (await import('./cli/maintenance.js')).restore(file));

command(
  'migrate',
  "bring the database to this program's version",
  `\`xinglin start\` does it too. Stop the bot first; a backup is made before anything changes.

Examples:
  xinglin migrate
  xinglin migrate --dump schema.sql     what an empty database looks like`,
)
  .option('--dump <file>', 'write the schema of an empty database instead')
  .action(async (options: { dump?: string }) => (await import('./cli/maintenance.js')).migrateCommand(options));

command(
  'rotate-key',
  'put a new key on top of the key file',
  `From the next start on, what is written is sealed with the new key; what was sealed
before still opens with the older ones, which stay in the file. Restart the bot
afterwards, and copy the key file again to where you keep it.

Example:
  xinglin rotate-key`,
).action(async () => (await import('./cli/maintenance.js')).rotateKeyCommand());

const evaluate = command(
  'eval',
  'how good is it on labelled questions of your own?',
  `Needs no database and no bot; nothing is kept and nothing leaves the machine.

Examples:
  xinglin eval faq --entries entries.jsonl --queries queries.jsonl
  xinglin eval routing --cases messages.jsonl`,
);
evaluate
  .command('faq')
  .description('does the search find the right entry, and how sure is it?')
  .requiredOption('--entries <file>', 'the corpus, a JSON object a line')
  .requiredOption('--queries <file>', 'labelled questions, a JSON object a line')
  .addOption(
    new Option('--style <style>', 'how sure an answer must be')
      .choices(['strict', 'standard', 'lively'])
      .default('standard'),
  )
  .option('--json <file>', 'write the scores, and what was said to each query, in the order of the file')
  .addHelpText(
    'after',
    `
A line of the corpus:   {"id": "E1", "question": "…", "alternatives": ["…"]}
A line of the queries:  {"text": "…", "gold": ["E1"], "domain": "…"}
An empty gold means that no entry fits; domain is optional and groups the report.

Examples:
  xinglin eval faq --entries entries.jsonl --queries queries.jsonl
  xinglin eval faq --entries entries.jsonl --queries queries.jsonl --style lively --json report.json

Exit code: 0 when both files could be read, else 1.`,
  )
  .action(async (options: { entries: string; queries: string; style: AnswerStyle; json?: string }) =>
    (await import('./cli/evaluate.js')).evaluateFaqCommand(options),
  );

evaluate
  .command('routing')
  .description('which way would messages take: a card, a doctor, an entry, a check-in?')
  .requiredOption('--cases <file>', 'labelled messages, a JSON object a line')
  .option('--json <file>', 'write the scores, and the way of each message, in the order of the file')
  .addHelpText(
    'after',
    `
A line:  {"text": "…", "route": "emergency"}
Routes:  emergency, urgent, clinical, checkin, ad, rumor, faq, complaint, chitchat
Each message is taken as if a patient said it to the bot, with no model, no
earlier messages and no profile, and with the entries that come with the program.

Examples:
  xinglin eval routing --cases messages.jsonl
  xinglin eval routing --cases messages.jsonl --json report.json

Exit code: 0 when the file could be read, else 1.`,
  )
  .action(async (options: { cases: string; json?: string }) =>
    (await import('./cli/evaluate.js')).evaluateRoutingCommand(options),
  );

const kb = command(
  'kb',
  'the knowledge base: check, bring in, write out, look at its entries',
  `Entries are files, knowledge/<topic>/KB-….md, until they are brought in; from then on
the database is the truth. Doctors review them in the chat (send the bot 审核).

Examples:
  xinglin kb lint my-entries
  xinglin kb import my-entries
  xinglin kb list`,
);
kb.command('lint [folder]')
  .description('check entry files: what breaks a rule, where, and how to mend it')
  .addHelpText(
    'after',
    `
Without a folder it looks at the entries that come with the program. A line each:
  file:line  rule  field: what was found
      how to mend it

A contradiction between two entries is a warning: both may be right. A terms.yaml in the
folder is used instead of the one that comes with the program.

Exit code: 0 when there is nothing to mend, warnings aside, else 1.`,
  )
  .action(async (folder?: string) => (await import('./cli/knowledge.js')).lintCommand(folder));
kb.command('import [folder]')
  .description('bring entry files into the database, as drafts to be reviewed')
  .addHelpText(
    'after',
    `
The same files again change nothing. Other words are a new version, which starts its
review from the beginning; the published one is served on. A file with a problem is
left out and named. May be used while the bot runs.

Exit code: 0 when every file could be taken, else 1.`,
  )
  .option('--typo', 'words in which only letters are mended wait for one reviewer, not for all')
  .action(async (folder: string | undefined, options: { typo?: boolean }) =>
    (await import('./cli/knowledge.js')).importCommand(folder, options),
  );
kb.command('export <folder>')
  .description('write the newest version of every entry as a file that can be imported again')
  .action(async (folder: string) => (await import('./cli/knowledge.js')).exportCommand(folder));
kb.command('list')
  .description('every entry, its state and version, and until when it is served')
  .option(
    '--state <state>',
    'only those in this state: draft, in_review, returned, published, expiring, suspended, retired',
  )
  .action(async (options: { state?: string }) => (await import('./cli/knowledge.js')).listCommand(options));
kb.command('show <id>')
  .description('one entry whole, with its reviews and its history')
  .action(async (id: string) => (await import('./cli/knowledge.js')).showCommand(id));
kb.command('suspend <id>')
  .description('stop an entry at once, in every process, and name who got it in the last 30 days')
  .requiredOption('--reason <words>', 'why; it stands in the audit')
  .action(async (id: string, options: { reason: string }) =>
    (await import('./cli/knowledge.js')).suspendCommand(id, options),
  );
kb.command('retire <id>')
  .description('end an entry for good, in every process; its id is never used again')
  .requiredOption('--reason <words>', 'why; it stands in the audit')
  .action(async (id: string, options: { reason: string }) =>
    (await import('./cli/knowledge.js')).retireCommand(id, options),
  );
kb.command('reinstate <id>')
  .description('bring a stopped or returned entry back into review; it is served when it has been signed again')
  .action(async (id: string) => (await import('./cli/knowledge.js')).reinstateCommand(id));
kb.command('guideline [title-or-code]')
  .description('a guideline has a new edition: what cites an older one is to be reviewed within 60 days')
  .option('--new-edition <edition>', 'which, like 2026版')
  .addHelpText(
    'after',
    `
Without a name it lists the guidelines that are known, with their codes.

Example:
  xinglin kb guideline CDS24 --new-edition 2026版

Exit code: 0 when it was told and the entries are marked, else 1.`,
  )
  .action(async (words: string | undefined, options: { newEdition?: string }) =>
    (await import('./cli/knowledge.js')).guidelineCommand(words, options),
  );
kb.command('gaps')
  .description('what people asked and no entry answered well, alike questions together, by how many asked')
  .option('--days <n>', 'how far back', '30')
  .action(async (options: { days: string }) => (await import('./cli/knowledge.js')).gapsCommand(options));
kb.command('variants <id>')
  .description('wordings of an entry that the language model thinks of, for an editor to look through; changes nothing')
  .option('--count <n>', 'how many to ask for', '10')
  .action(async (id: string, options: { count: string }) =>
    (await import('./cli/variants.js')).variantsCommand(id, options),
  );
kb.command('test [folder]')
  .description('is every entry found by its own wordings, each left out in turn, and by none of its near misses?')
  .addHelpText(
    'after',
    `
Asks what the database serves or, with a folder, the entries there.

Exit code: 0 when no entry answers a near miss of its own and no wording is answered
with another entry, else 1.`,
  )
  .action(async (folder?: string) => (await import('./cli/knowledge.js')).testCommand(folder));

// `xinglin check | head`: who reads no longer is no failure to report.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
});

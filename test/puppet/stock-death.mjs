// Wechaty as it comes, in a process that it ends. Plain JavaScript: run as it is.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WechatyBuilder } from 'wechaty';
import { mock, PuppetMock } from 'wechaty-puppet-mock';
import { PuppetService } from 'wechaty-puppet-service';

const ways = {
  async 'rejecting-listener'() {
    const mocker = new mock.Mocker();
    const bot = WechatyBuilder.build({ puppet: new PuppetMock({ mocker }) });
    bot.on('error', () => {});
    bot.on('message', async () => {
      throw new Error('a listener that rejects');
    });
    await bot.start();
    const [self, person] = [mocker.createContact(), mocker.createContact()];
    mocker.login(self);
    person.say('在吗').to(self);
  },
  async 'locked-store'() {
    process.env.HOME = mkdtempSync(join(tmpdir(), 'xinglin-stock-'));
    const options = { token: 'insecure_f2a1c0de-0000-4000-8000-000000000001', endpoint: '127.0.0.1:1' };
    for (const puppet of [new PuppetService(options), new PuppetService(options)]) {
      puppet.on('error', () => {});
      puppet.emit('login', { contactId: '1688001' });
    }
  },
};

await ways[process.argv[2]]();
setTimeout(() => process.exit(0), 2000);

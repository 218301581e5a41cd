import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  chromiumPath,
  DESKTOP,
  keepScreenshot,
  launchChromium,
  NARROW,
  openPage,
  overflowPx,
  PHONE,
} from './browser.js';
import { Others, Program, SETUP_CODE } from './program.js';

const WAIT = { timeout: 10_000, interval: 50 };
const DOCTOR = '李医生(模拟)';

/** One running program for all of it, as one community: each story has people of its own. */
describe.runIf(chromiumPath !== undefined)('the whole program in a browser', () => {
  let browser: Browser;
  let dataDir: string;
  let program: Program;
  let others: Others;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'xinglin-browser-'));
    [browser, program] = await Promise.all([launchChromium(), Program.start({ dataDir })]);
    others = await Others.of(program.url);
    await others.waitForMonday();
  });
  afterAll(async () => {
    await browser?.close();
    await program?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function open(path: string, device: BrowserContextOptions) {
    const opened = await openPage(browser, program.url + path, device);
    closing.push(opened.close);
    return opened;
  }

  async function become(page: Page, name: string) {
    const change = page.getByRole('button', { name: '换人' });
    if (await change.isVisible()) await change.click();
    await page.locator('.picker-person', { hasText: name }).click();
  }

  async function openChat(page: Page, title: string) {
    const name = page.locator('.name').getByText(title, { exact: true });
    await page.locator('nav .row').filter({ has: name }).click();
    await page.getByRole('heading', { name: title }).waitFor();
  }

  /** A page on which this person has this chat open. */
  async function openAs(name: string, title: string, device: BrowserContextOptions) {
    const opened = await open('/sim', device);
    await become(opened.page, name);
    await openChat(opened.page, title);
    return opened;
  }

  const box = (page: Page) => page.getByRole('textbox', { name: '输入消息' });
  const bubbles = (page: Page) => page.locator('.message .bubble');
  const heard = (page: Page, words: string | RegExp) =>
    page.locator('.message:not(.mine) .bubble').filter({ hasText: words }).last().waitFor();
  async function say(page: Page, text: string) {
    await box(page).fill(text);
    await box(page).press('Enter');
  }

  it('answers a patient in the group with the reviewed entry, live', async () => {
    const { page, errors } = await openAs('张阿姨', '糖友群', DESKTOP);
    await box(page).pressSequentially('@小');
    await box(page).press('Enter');
    await box(page).pressSequentially('糖尿病能吃西瓜吗');
    await box(page).press('Enter');

    await heard(page, /@张阿姨\s能吃[\s\S]*未经医生审核[\s\S]*KB-050/);
    const mine = page.locator('.message.mine .bubble').last();
    expect(await mine.textContent()).toBe('@小杏\u2005糖尿病能吃西瓜吗');
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.mine .bubble')).backgroundColor`)).toBe(
      'rgb(149, 236, 105)',
    );
    const [left, right] = await Promise.all([bubbles(page).last().boundingBox(), mine.boundingBox()]);
    expect(right?.x).toBeGreaterThan(left?.x ?? Number.POSITIVE_INFINITY);
    expect(await box(page).inputValue()).toBe('');
    await keepScreenshot(page, 'chat-desktop');
    expect(errors).toEqual([]);
  });

  it('takes a check-in on a phone after 同意, and the next one in the morning after', async () => {
    const { page, errors } = await openAs('赵姐', '糖友群', PHONE);
    await page.getByRole('button', { name: '打卡 空腹6.5 走路30分钟' }).click();
    await page.getByRole('button', { name: '发送' }).click();
    await heard(page, '愿意请回 同意');
    await say(page, '同意');
    await heard(page, '由我记下来');

    const panel = page.getByRole('button', { name: '模拟器' });
    await panel.click();
    const time = page.locator('.virtual-time');
    await expect.poll(() => time.textContent(), WAIT).toContain('09:');
    await page.getByRole('button', { name: '+10分钟' }).click();
    await expect.poll(() => time.textContent(), WAIT).toMatch(/^09:1.*星期一$/);
    await page.getByRole('button', { name: '关闭模拟器' }).click();
    await heard(page, /打卡收到[\s\S]*@赵姐\s\+7分，第1天/);
    expect(await overflowPx(page)).toBe(0);
    await keepScreenshot(page, 'chat-phone');

    await panel.click();
    await page.getByRole('button', { name: '明早8点' }).click();
    await expect.poll(() => time.textContent(), WAIT).toMatch(/^08:00.*星期二$/);
    await page.getByRole('button', { name: '关闭模拟器' }).click();
    await say(page, '打卡 空腹6.3');
    await panel.click();
    await page.getByRole('button', { name: '+10分钟' }).click();
    await page.getByRole('button', { name: '关闭模拟器' }).click();
    await heard(page, /@赵姐\s.*连续2天/);

    await page.getByRole('button', { name: '返回聊天列表' }).click();
    await expect.poll(() => box(page).count()).toBe(0);
    await openChat(page, '小杏');
    await say(page, '我的打卡');
    await heard(page, /空腹6\.3[\s\S]*连续2天/);
    expect(errors).toEqual([]);
  });

  it("carries a doctor's words to the patient", async () => {
    const patient = (await openAs('王叔', '小杏', PHONE)).page;
    const doctor = (await openAs(DOCTOR, '医生群', DESKTOP)).page;
    await say(patient, '转医生 二甲双胍伤不伤肾');
    await heard(patient, '您的问题登记好了，编号 #');
    const card = doctor.locator('.message .bubble', { hasText: '二甲双胍伤不伤肾' });
    const number = /#\d+/.exec((await card.textContent()) ?? '')?.[0];
    await say(doctor, `${number} 先复查肾功能，带着单子来门诊`);
    await heard(patient, /李医生回复：[\s\S]*先复查肾功能，带着单子来门诊[\s\S]*本人回复/);
    await heard(doctor, `${number} 已发给王叔`);
  });

  it('puts 120 first in an emergency, and alerts the doctors', async () => {
    const { page } = await openAs('吴老师', '高血压群', PHONE);
    const doctor = (await openAs(DOCTOR, '医生群', DESKTOP)).page;
    await say(page, '胸口疼得厉害，喘不上气');
    await heard(page, /@吴老师\s请现在就打120/);
    await heard(doctor, /急症[\s\S]*吴老师[\s\S]*胸口疼得厉害/);
    await page.getByRole('button', { name: '返回聊天列表' }).click();
    await openChat(page, '小杏');
    await heard(page, '打120');
  });

  it('offers the members after @', async () => {
    const { page } = await openAs('王叔', '高血压群', DESKTOP);
    await box(page).pressSequentially('@');
    const names = await page.getByRole('option').allTextContents();
    expect(names[0]).toBe('杏小杏');
    expect(names).toContain('王王医生(模拟)');
    expect(names).not.toContain('王王叔（两个群）');
    await box(page).pressSequentially('冯');
    expect(await page.getByRole('option').count()).toBe(1);
    await box(page).press('Enter');
    await box(page).pressSequentially('您好');
    await box(page).press('Enter');
    await page.locator('.message.mine .bubble', { hasText: '您好' }).waitFor();
    expect((await others.history('冯姐', '高血压群')).findLast(({ text }) => text.includes('您好'))).toMatchObject({
      mentionIds: [others.person('冯姐')],
      text: '@冯姐\u2005您好',
    });
  });

  it('quotes, recalls and edits again by right click', async () => {
    await others.say('老周', '早上好，今天公园的梅花开了', { in: '糖友群' });
    const { page } = await openAs('小林', '糖友群', DESKTOP);
    await bubbles(page).filter({ hasText: '梅花' }).click({ button: 'right' });
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['引用', '复制']);
    await page.getByRole('menuitem', { name: '引用' }).click();
    await box(page).pressSequentially('真好看');
    await box(page).press('Enter');
    await page.locator('.quoted', { hasText: '老周：早上好，今天公园的梅花开了' }).waitFor();

    const mine = page.locator('.message.mine .bubble', { hasText: '真好看' });
    await mine.click({ button: 'right' });
    await page.getByRole('menuitem', { name: '撤回' }).click();
    await page.locator('.grey-line', { hasText: '你撤回了一条消息' }).waitFor();
    expect(await mine.count()).toBe(0);
    await page.getByRole('button', { name: '重新编辑' }).click();
    expect(await box(page).inputValue()).toBe('真好看');
  });

  it('opens the same menu by a finger that rests, and mentions by one on a face', async () => {
    await others.say('老周', '晚上散步的有吗', { in: '糖友群' });
    const { page } = await openAs('小林', '糖友群', PHONE);
    const finger = { pointerType: 'touch', clientX: 120, clientY: 200 };
    const message = page.locator('.message', { hasText: '晚上散步的有吗' });
    await message.locator('.bubble').dispatchEvent('pointerdown', finger);
    await page.getByRole('menuitem', { name: '引用' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('menu').count()).toBe(0);
    await message.locator('.face').dispatchEvent('pointerdown', finger);
    await expect.poll(() => box(page).inputValue(), WAIT).toBe('@老周\u2005');
  });

  it('counts what is unread, also for other people', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '小陈');
    await others.say(DOCTOR, '早', { in: '糖友群', mention: ['小陈'] });
    const row = page.locator('nav .row', { hasText: '糖友群' });
    await row.getByText('[有人@我]').waitFor();
    expect(await row.locator('.last').textContent()).toBe(`${DOCTOR}：@小陈\u2005早`);
    await expect.poll(() => row.locator('.badge').textContent(), WAIT).toContain('1');
    expect(await page.title()).toContain('（1）');
    await openChat(page, '糖友群');
    await expect.poll(() => row.locator('.badge').count(), WAIT).toBe(0);
    await page.getByRole('button', { name: '换人' }).click();
    expect(await page.locator('.picker-person', { hasText: '老周' }).locator('.dot').count()).toBe(1);
    expect(await page.locator('.picker-person', { hasText: '小陈' }).locator('.dot').count()).toBe(0);
  });

  it('sends a picture and a voice, which the bot says it does not understand', async () => {
    const { page, errors } = await openAs('老周', '小杏', PHONE);
    const pixel = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await page.locator('input[type=file]').setInputFiles({ name: '早饭.png', mimeType: 'image/png', buffer: pixel });
    await page.getByRole('img', { name: '图片 早饭.png' }).click();
    await page.getByRole('dialog', { name: '查看图片' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count(), WAIT).toBe(0);
    await heard(page, '图片我看不懂');
    const microphone = page.getByRole('button', { name: '发语音' });
    await microphone.press('Enter');
    await page.getByRole('menuitem', { name: '模拟语音 3 秒' }).press('ArrowDown');
    await page.getByRole('menuitem', { name: '模拟语音 10 秒' }).press('Enter');
    await expect.poll(() => microphone.evaluate('document.activeElement?.ariaLabel'), WAIT).toBe('发语音');
    await page.locator('.voice', { hasText: '10″' }).waitFor();
    await heard(page, '听不懂语音');
    expect(errors).toEqual([]);
  });

  it('makes friends with the bot before a private chat', async () => {
    const { page } = await openAs('刘奶奶', '小杏', PHONE);
    expect(await box(page).count()).toBe(0);
    await page.getByRole('button', { name: '添加到通讯录' }).click();
    await box(page).waitFor();
    await heard(page, '我是小杏');
  });

  it('shows who is in a room, and lets people leave and come back', async () => {
    const { page } = await openAs('小何', '高血压群', DESKTOP);
    await page.getByRole('button', { name: '群成员' }).click();
    expect(await page.locator('.members li').count()).toBe(9);
    await page.getByRole('button', { name: '退出群聊' }).click();
    await page.getByRole('button', { name: '确定退出' }).click();
    await expect.poll(() => page.locator('nav .row', { hasText: '高血压群' }).count(), WAIT).toBe(0);
    await page.getByText('不在的群').click();
    await page.locator('.other-rooms .row', { hasText: '高血压群' }).getByRole('button').click();
    await page.getByText('通过扫描').first().waitFor();
  });

  it('keeps long words and long texts inside 320 px', async () => {
    const { page, errors } = await openAs('小陈', '糖友群', NARROW);
    await say(page, `很长的网址 https://example.org/${'a'.repeat(120)}\n\n第二段${'很长的话'.repeat(30)}`);
    await page.locator('.message.mine .bubble', { hasText: '第二段' }).waitFor();
    await box(page).fill('一行很长很长的话'.repeat(8));
    expect(await overflowPx(page)).toBe(0);
    await page.getByRole('button', { name: '返回聊天列表' }).click();
    expect(await overflowPx(page)).toBe(0);
    await page.getByRole('button', { name: '换人' }).click();
    expect(await overflowPx(page)).toBe(0);
    await page.goto(program.url);
    await page.getByText('在线').waitFor();
    expect(await overflowPx(page)).toBe(0);
    expect(errors).toEqual([]);
  });

  it('keeps what is said while the bot is cut off, and answers afterwards', async () => {
    const { page } = await openAs('冯姐', '小杏', DESKTOP);
    const cut = page.getByRole('switch', { name: '掉线' });
    await cut.click();
    await expect.poll(() => cut.getAttribute('aria-checked'), WAIT).toBe('true');
    await say(page, '我的积分');
    await page.locator('.message.mine .bubble', { hasText: '我的积分' }).waitFor();
    expect(await page.locator('.message:not(.mine) .bubble').count()).toBe(0);
    await cut.click();
    await heard(page, '积分');
  });

  it.each([
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ])('shows the state of the bot on a %s, without anybody’s name', async (_, device) => {
    const { page, errors } = await open('/', device);
    await page.getByText('在线').waitFor();
    await page.getByRole('link', { name: '打开模拟微信' }).waitFor();
    const files = await page.locator('.files li').count();
    expect(files).toBeGreaterThan(0);
    expect(await page.getByText('未签字', { exact: true }).count()).toBe(files);
    await page.getByText(`有 ${files} 个文件还没有医生签字`).waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(/张阿姨|吴老师|李医生|7881000/);
    expect(await overflowPx(page)).toBe(0);
    expect(errors).toEqual([]);
  });

  it('sees by itself that the bot has an owner now', async () => {
    const { page } = await open('/', PHONE);
    await page.getByText(`绑定管理员 ${SETUP_CODE}`).waitFor();
    await others.say('陈管理员(模拟)', `绑定管理员 ${SETUP_CODE}`);
    await page.getByText(`绑定管理员 ${SETUP_CODE}`).waitFor({ state: 'detached' });
  });

  it('says that the program is gone, and comes back with it', async () => {
    await others.say('老周', '断线前说的话', { in: '糖友群' });
    const { page } = await openAs('小陈', '糖友群', DESKTOP);
    const status = (await open('/', PHONE)).page;
    await status.getByText('在线').waitFor();
    const { port } = program;
    expect(await program.stop()).toBe(0);
    await page.getByText('正在重连').waitFor();
    await say(page, '断线时说的话');
    await page.getByRole('alert').getByText('连不上程序').waitFor();
    expect(await box(page).inputValue()).toBe('断线时说的话');
    await status.getByRole('alert').getByText('连不上程序').waitFor();

    program = await Program.start({ dataDir, port });
    await expect.poll(() => page.getByText('正在重连').count(), WAIT).toBe(0);
    await bubbles(page).filter({ hasText: '断线前说的话' }).waitFor();
    await box(page).press('Enter');
    await page.locator('.message.mine .bubble', { hasText: '断线时说的话' }).waitFor();
    await expect.poll(() => status.getByRole('alert').count(), WAIT).toBe(0);
  });
});

import { rm } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../src/http/server.js';
import { chromiumPath, DESKTOP, keepScreenshot, launchChromium, openPage, overflowPx, PHONE } from './browser.js';
import { buildPages, startSample } from './sample-server.js';

const WAIT = { timeout: 5_000, interval: 50 };

describe.runIf(chromiumPath !== undefined)('the pages in a browser', () => {
  let browser: Browser;
  let webDir: string;
  let sample: Awaited<ReturnType<typeof startSample>>;
  let server: HttpServer;
  let url: string;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    [browser, webDir] = await Promise.all([launchChromium(), buildPages()]);
  });
  afterAll(async () => {
    await browser?.close();
    if (webDir) await rm(webDir, { recursive: true });
  });
  beforeEach(async () => {
    sample = await startSample(webDir);
    server = sample.serve(0);
    url = (await server.start()).url;
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await server.stop();
  });

  async function open(path: string, device: BrowserContextOptions) {
    const opened = await openPage(browser, url + path, device);
    closing.push(opened.close);
    return opened;
  }

  async function become(page: Page, name: string) {
    const change = page.getByRole('button', { name: '换人' });
    if (await change.isVisible()) await change.click();
    await page.locator('.picker-person', { hasText: name }).click();
  }

  async function openChat(page: Page, title: string) {
    await page.locator('nav .row', { hasText: title }).click();
    await page.getByRole('heading', { name: title }).waitFor();
  }

  const box = (page: Page) => page.getByRole('textbox', { name: '输入消息' });
  const bubbles = (page: Page) => page.locator('.message .bubble');

  it('lets a patient speak and shows the answer as it comes', async () => {
    const { page, errors } = await open('/sim', DESKTOP);
    await keepScreenshot(page, 'sim-desktop-people');
    await become(page, '张阿姨');
    await openChat(page, '糖友群');
    await box(page).fill('打卡 空腹6.5\n走路30分钟');
    await box(page).press('Enter');

    await bubbles(page).filter({ hasText: '收到：打卡 空腹6.5' }).waitFor();
    const mine = page.locator('.message.mine .bubble').last();
    expect(await mine.textContent()).toBe('打卡 空腹6.5\n走路30分钟');
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.mine .bubble')).backgroundColor`)).toBe(
      'rgb(149, 236, 105)',
    );
    const [left, right] = await Promise.all([bubbles(page).last().boundingBox(), mine.boundingBox()]);
    expect(right?.x).toBeGreaterThan(left?.x ?? Number.POSITIVE_INFINITY);
    expect(await box(page).inputValue()).toBe('');
    await keepScreenshot(page, 'sim-desktop-chat');
    expect(errors).toEqual([]);
  });

  it('fits a phone: list, chat and back', async () => {
    const { page, errors } = await open('/sim', PHONE);
    await keepScreenshot(page, 'sim-phone-people');
    await become(page, '小林');
    await keepScreenshot(page, 'sim-phone-list');
    expect(await overflowPx(page)).toBe(0);
    await openChat(page, '糖友群');
    await keepScreenshot(page, 'sim-phone-hints');
    await page.getByRole('button', { name: '@小杏 糖尿病能吃西瓜吗' }).click();
    await page.getByRole('button', { name: '发送' }).click();
    await bubbles(page).filter({ hasText: '收到：' }).waitFor();
    expect(sample.wechat.history(sample.rooms.patients.id, 2)[0]?.mentionIds).toEqual([sample.wechat.botId]);
    sample.wechat.sayByProgram(
      sample.rooms.patients.id,
      `很长的网址 https://example.org/${'a'.repeat(120)}\n\n第二段${'很长的话'.repeat(30)}`,
    );
    await bubbles(page).filter({ hasText: '第二段' }).waitFor();
    expect(await overflowPx(page)).toBe(0);
    await keepScreenshot(page, 'sim-phone-chat');
    await page.getByRole('button', { name: '返回聊天列表' }).click();
    expect(await page.locator('nav .row').first().isVisible()).toBe(true);
    expect(await box(page).count()).toBe(0);
    await page.getByRole('button', { name: '模拟器' }).click();
    await page.getByRole('switch', { name: '掉线' }).waitFor();
    await keepScreenshot(page, 'sim-phone-panel');
    expect(errors).toEqual([]);
  });

  it('offers the members after @', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '张阿姨');
    await openChat(page, '糖友群');
    await box(page).pressSequentially('@');
    expect(await page.getByRole('option').allTextContents()).toEqual([
      '杏小杏',
      '老老周',
      '小小林',
      '李李医生',
      '陈陈护士长',
    ]);
    await keepScreenshot(page, 'sim-desktop-mention');
    await box(page).pressSequentially('李');
    expect(await page.getByRole('option').count()).toBe(1);
    await box(page).press('Enter');
    await box(page).pressSequentially('您好');
    await box(page).press('Enter');
    await expect
      .poll(() => sample.wechat.history(sample.rooms.patients.id, 10).find((m) => m.mentionIds.length > 0), WAIT)
      .toMatchObject({ mentionIds: [sample.people.doctor.id], content: { body: '@李医生\u2005您好' } });
  });

  it('quotes and recalls by right click', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '张阿姨');
    await openChat(page, '糖友群');
    await bubbles(page).filter({ hasText: '梅花' }).click({ button: 'right' });
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['引用', '复制']);
    await page.getByRole('menuitem', { name: '引用' }).click();
    await box(page).fill('真好看');
    await box(page).press('Enter');
    await page.locator('.quoted', { hasText: '老周：早上好，今天公园的梅花开了' }).waitFor();

    const mine = page.locator('.message.mine .bubble', { hasText: '真好看' });
    await mine.click({ button: 'right' });
    await keepScreenshot(page, 'sim-desktop-menu');
    await page.getByRole('menuitem', { name: '撤回' }).click();
    await page.getByText('你撤回了一条消息').first().waitFor();
    expect(await mine.count()).toBe(0);
  });

  it('opens the same menu by a finger that rests', async () => {
    const { page } = await open('/sim', PHONE);
    await become(page, '张阿姨');
    await openChat(page, '糖友群');
    await bubbles(page).first().dispatchEvent('pointerdown', { pointerType: 'touch', clientX: 120, clientY: 200 });
    await page.getByRole('menuitem', { name: '引用' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('menu').count()).toBe(0);
  });

  it('counts what is unread, also for other people', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '张阿姨');
    sample.wechat.say(sample.people.doctor.id, sample.rooms.patients.id, {
      text: '早',
      mentionIds: [sample.people.zhang.id],
    });
    const row = page.locator('nav .row', { hasText: '糖友群' });
    await row.getByText('[有人@我]').waitFor();
    await expect.poll(() => row.locator('.badge').textContent(), WAIT).toContain('2');
    await openChat(page, '糖友群');
    await expect.poll(() => row.locator('.badge').count(), WAIT).toBe(0);
    await page.getByRole('button', { name: '换人' }).click();
    expect(await page.locator('.picker-person', { hasText: '老周' }).locator('.dot').count()).toBe(1);
    expect(await page.locator('.picker-person', { hasText: '张阿姨' }).locator('.dot').count()).toBe(0);
  });

  it('sends a picture and a voice, and asks for friendship', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '张阿姨');
    await openChat(page, '小杏');
    const pixel = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await page.locator('input[type=file]').setInputFiles({ name: '早饭.png', mimeType: 'image/png', buffer: pixel });
    await page.getByRole('img', { name: '图片 早饭.png' }).waitFor();
    await page.getByRole('button', { name: '发语音' }).click();
    await page.getByRole('menuitem', { name: '模拟语音 10 秒' }).click();
    await page.locator('.voice', { hasText: '10″' }).waitFor();

    await become(page, '小林');
    await openChat(page, '小杏');
    await page.getByRole('button', { name: '添加到通讯录' }).click();
    await expect.poll(() => sample.wechat.listOpenFriendships().length, WAIT).toBe(1);
    const [request] = sample.wechat.listOpenFriendships();
    sample.wechat.acceptFriendship(request?.id ?? '');
    await box(page).waitFor();
  });

  it('shows who is in a room, and lets people leave and come back', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '老周');
    await openChat(page, '高血压群');
    await page.getByRole('button', { name: '群成员' }).click();
    expect(await page.locator('.members li').count()).toBe(3);
    await keepScreenshot(page, 'sim-desktop-members');
    await page.getByRole('button', { name: '退出群聊' }).click();
    await page.getByRole('button', { name: '确定退出' }).click();
    await expect.poll(() => page.locator('nav .row', { hasText: '高血压群' }).count(), WAIT).toBe(0);
    await page.getByText('不在的群').click();
    await page.locator('.other-rooms .row', { hasText: '高血压群' }).getByRole('button').click();
    await page.getByText('通过扫描').first().waitFor();
  });

  it('moves the clock and makes things go wrong', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '张阿姨');
    const time = page.locator('.virtual-time strong');
    expect(await time.textContent()).toBe('08:00');
    await page.getByRole('button', { name: '+10分钟' }).click();
    await expect.poll(() => time.textContent(), WAIT).toBe('08:10');
    await page.getByRole('button', { name: '明早8点' }).click();
    await expect.poll(() => page.locator('.virtual-time').textContent(), WAIT).toContain('08:002026年3月3日');
    await page.getByRole('switch', { name: '掉线' }).click();
    await expect.poll(() => sample.faults.settings.offline, WAIT).toBe(true);
    await expect.poll(() => page.getByRole('switch', { name: '掉线' }).getAttribute('aria-checked'), WAIT).toBe('true');
    expect(sample.faults.settings.lose).toBe(0);
  });

  it('comes back by itself when the program was restarted', async () => {
    const { page } = await open('/sim', DESKTOP);
    await become(page, '张阿姨');
    await openChat(page, '糖友群');
    await server.stop();
    await page.getByText('正在重连').waitFor();
    sample.wechat.say(sample.people.zhou.id, sample.rooms.patients.id, '断线时说的话');
    server = sample.serve(Number(new URL(url).port));
    await server.start();
    await bubbles(page).filter({ hasText: '断线时说的话' }).first().waitFor();
    await expect.poll(() => page.getByText('正在重连').count(), WAIT).toBe(0);
  });

  it.each([
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ])('shows the state of the bot on a %s', async (name, device) => {
    const { page, errors } = await open('/', device);
    await page.getByText('在线').waitFor();
    await page.getByRole('link', { name: '打开模拟微信' }).waitFor();
    await keepScreenshot(page, `status-${name}`);
    expect(await overflowPx(page)).toBe(0);
    expect(errors).toEqual([]);
  });
});

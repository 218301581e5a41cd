import { createHash, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createAnswering,
  createGapDigest,
  createLastQuestion,
  createLastTopic,
  createQuestionReader,
} from './answering/index.js';
import {
  createCheckIn,
  createCheckInChat,
  createRecentValues,
  loadTemplates,
  registerCheckInJobs,
  renderGathered,
  type UnclearValue,
} from './check-in/index.js';
import {
  type Account,
  announceAbsence,
  createCommunity,
  createCommunityDataHolder,
  createNewcomers,
  createPrivacyChat,
  createSetupChat,
  createWelcome,
  ensureFirstCommunity,
  findExternalId,
  findPerson,
  getMeta,
  hasOwner,
  lastAliveAt,
  noteAlive,
  type PersonalDataHolder,
  quietUntil,
  type Room,
  setFriend,
  setMeta,
  syncRooms,
  updateRoom,
} from './community/index.js';
import { createHandler } from './conversation/handle.js';
import { createIntake } from './conversation/intake.js';
import { createPipeline } from './conversation/pipeline.js';
import { createRecords, withoutAddress } from './conversation/records.js';
import { registerRetention } from './conversation/retention.js';
import { forgetWordsOfPerson, listWaitingForFriend, waitForFriend } from './conversation/store.js';
import { createEscalation } from './escalation/index.js';
import { describeChannel, type StatusView } from './http/status.js';
import { createEntryLives, createKnowledge, createReviewChat, registerEntryExpiry } from './knowledge/index.js';
import { createObservationStore, createParser, loadPlausibility } from './observation/index.js';
import { createAnnouncements } from './outreach/index.js';
import { createAudit } from './platform/audit/audit.js';
import { backupName, backupTo, lastBackupAt, pruneBackups } from './platform/backup/backup.js';
import { listErasures, rememberErasure } from './platform/backup/erasures.js';
import type { Clock } from './platform/clock.js';
import { type Config, isLoopback, packageDir } from './platform/config.js';
import { type Database, openDatabase, type Transaction } from './platform/db/database.js';
import { migrate, WrongDatabaseError } from './platform/db/migrate.js';
import { checkSeal } from './platform/db/seal-check.js';
import { loadSeal } from './platform/db/sealed.js';
import { NotFoundError } from './platform/errors.js';
import { createIds, type RandomBytes } from './platform/ids.js';
import { createJobs } from './platform/jobs/jobs.js';
import { type Lease, takeLease } from './platform/lease.js';
import type { Log } from './platform/log.js';
import { createEmbeddings } from './platform/model/embeddings.js';
import { createErrands } from './platform/model/errands.js';
import { createModel } from './platform/model/model.js';
import { loadPrompts, promptNamed } from './platform/model/prompts.js';
import type { Gatherer } from './platform/outbox/gather.js';
import { type Conversation, createOutbox } from './platform/outbox/outbox.js';
import { createPace, newAccountPace, noPace, type PaceLimits, wechatPace } from './platform/outbox/pace.js';
import { createSender } from './platform/outbox/sender.js';
import type { Door, Gap } from './platform/puppet/door.js';
import type { Incoming } from './platform/puppet/incoming.js';
import { countWaiting } from './platform/queues.js';
import { createPoints, createPointsChat, registerPointsJobs } from './points/index.js';
import { community as communityText, type Operator } from './text/zh-CN/community.js';
import { assess, listSafetyFiles, loadTriageRules, raiseByModel } from './triage/index.js';

const ALIVE_EVERY_MS = 30_000;
/** What a line brings within so long, while it brings much, is committed together. */
const COLLECT_MS = 20;
const SYNC_EVERY_MS = 3_600_000;
const LOST_AFTER_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const BACKUP_DAYS = 30;

export interface AppOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** Seeded randomness is for pacing jitter and the setup code of a test, never for keys. */
  random: RandomBytes;
  door: Door;
  version: string;
  /** What the sample community brings on the first login (roles, groups, a campaign); the simulator only. */
  onFirstLogin?: (app: App, account: Account) => Promise<void>;
  /** A JSON POST; throws when it was not taken. */
  post?: (url: string, body: unknown) => Promise<void>;
}

export type App = Awaited<ReturnType<typeof createApp>>;

/** Builds every part once, by hand, in order: platform, features, conversation. Nothing runs before `start`. */
export async function createApp(options: AppOptions) {
  const { config, clock, log, random, door } = options;
  const ids = createIds({ clock, random });
  const seal = loadSeal(config.dataKeyFile);
  const backupDir = join(config.dataDir, 'backups');
  const erasureFile = join(config.dataDir, 'erasures.jsonl');
  const databaseFile = config.databaseUrl.startsWith('sqlite:')
    ? config.databaseUrl.slice('sqlite:'.length)
    : undefined;
  const db = openDatabase(config.databaseUrl, { synchronous: config.synchronous });
  try {
    await migrate(db, clock, async () => {
      if (databaseFile) await backupTo(db, join(backupDir, backupName(databaseFile, clock.now(), 'before-migration')));
    });
    await claimDatabase(db, config, clock);
    await db.inTransaction((tx) => checkSeal(tx, seal, clock));
    await db.inTransaction((tx) => ensureFirstCommunity(tx, { clock, ids }));
  } catch (error) {
    await db.close();
    throw error;
  }

  // What is known only after login.
  let account: Account | undefined;
  const currentAccount = (): Account => {
    if (!account) throw new Error('no account is logged in yet');
    return account;
  };
  const selfId = () => (door.state.kind === 'online' ? door.state.selfId : lastSelfId);
  let lastSelfId: string | undefined;
  let selfName: string | undefined;
  const botNames = () => [...new Set([config.botName, ...(selfName ? [selfName] : [])])];

  // Platform
  const operator: Operator = {
    botName: config.botName,
    operator: config.operator,
    department: config.department,
    contact: config.contact,
  };
  const audit = createAudit({ clock, ids });
  const outbox = createOutbox({ clock, ids, seal, accountId: () => currentAccount().id });
  let jobsAdded = false;
  const jobs = createJobs({
    db,
    clock,
    ids,
    log,
    onAdded() {
      jobsAdded = true;
    },
  });
  const post = options.post ?? postJson;
  const model = createModel({ settings: config.model, db, clock, ids, seal, log });
  const embeddings = createEmbeddings({ settings: config.model, db, clock, ids, seal, log });
  const prompts = loadPrompts(join(packageDir, 'prompts'));
  const errands = createErrands({ db, clock, jobs, log, limitMs: config.model.timeoutMs, onCommit: () => committed() });

  // Features
  const servesSamples = config.puppet === 'simulator';
  const community = createCommunity({
    clock,
    ids,
    seal,
    outbox,
    jobs,
    operator,
    timeZone: config.timeZone,
    release: (tx, messageIds) => pipeline.release(tx, messageIds),
    waitForFriend,
  });
  const welcome = createWelcome({ clock, jobs, outbox, operator, servesSamples });
  const knowledge = await createKnowledge({
    db,
    clock,
    ids,
    log,
    dir: join(packageDir, 'knowledge'),
    samples: servesSamples,
    // Half of the time is left for the chat model.
    embed: embeddings && { vectors: embeddings.embed, withinMs: config.model.timeoutMs / 2 },
    timeZone: config.timeZone,
  });
  const lives = createEntryLives({ clock, store: knowledge.store, audit, timeZone: config.timeZone });
  const triageDir = join(packageDir, 'knowledge', 'triage');
  const triageRules = loadTriageRules(triageDir);
  const plausibility = loadPlausibility(triageDir);
  const parser = createParser(plausibility);
  const safetyFiles = listSafetyFiles(triageDir);
  const observations = createObservationStore({ ids, seal });
  const points = createPoints({ clock, ids, seal });
  const checkIn = createCheckIn({ clock, ids, audit, observations, points });
  const unaddressed = (words: string) => withoutAddress(words, botNames());
  const lastQuestion = createLastQuestion({ clock, seal, withoutAddress: unaddressed });
  const escalation = createEscalation({
    clock,
    ids,
    seal,
    audit,
    outbox,
    jobs,
    community,
    rules: triageRules,
    operator,
    timeZone: config.timeZone,
    log,
    webhook: config.alertWebhook,
    post,
    loadMessage: (tx, messageId) => records.load(tx, messageId),
    lastQuestion,
    drafting: model && {
      model,
      errands,
      prompt: promptNamed(prompts, 'draft'),
      entriesFor: (question, limit) =>
        knowledge
          .index()
          .nearest(question, limit)
          .flatMap((id) => knowledge.index().find(id)?.entry ?? [])
          .map(({ id, question, answer }) => ({ id, question, answer })),
    },
    recentValues: createRecentValues({ clock, community, observations, checkIn }),
  });
  const templates = loadTemplates(join(packageDir, 'data', 'samples', 'campaigns'));
  /** A value that could not be recorded, and that may be dangerous in one reading. */
  async function tellDoctors(tx: Transaction, { personId, roomId, messageId }: UnclearValue): Promise<void> {
    const room = roomId ? await community.findRoom(tx, roomId) : undefined;
    const { communityId } = await community.standingOf(tx, personId, room);
    await escalation.openSilently(tx, {
      origin: { messageId, askerId: personId, roomId, accountId: currentAccount().id, communityId },
      kind: 'clinical',
      level: 'urgent',
      question: communityText.unclearValue(),
    });
  }
  registerCheckInJobs({ jobs, observations, tellDoctors });
  const checkInChat = createCheckInChat({
    clock,
    community,
    outbox,
    jobs,
    observations,
    points,
    checkIn,
    parser,
    plausibility,
    templates,
    roomName: community.names.roomName,
    isDangerous(item) {
      const { level, cardIds } = assess(triageRules, {
        text: '',
        readings: [item],
        recent: [],
        now: clock.now(),
        role: 'patient',
      });
      return level === 'emergency' || level === 'urgent' || cardIds.includes('sugar');
    },
    async triageAnswer(tx, message, items) {
      const assessment = assess(triageRules, {
        text: '',
        readings: [...items],
        recent: [],
        now: clock.now(),
        role: 'patient',
      });
      if (assessment.level !== 'emergency' && assessment.level !== 'urgent') {
        await escalation.adviseOn(tx, { ...message, assessment });
        return false;
      }
      await escalation.raiseEmergency(tx, { ...message, assessment });
      return true;
    },
    tellDoctors,
    onCorrected: escalation.onCorrected,
  });
  const answering = createAnswering({
    clock,
    ids,
    community,
    timeZone: config.timeZone,
    index: knowledge.index,
    async escalate(tx, message) {
      await escalation.escalate(tx, message);
    },
    async raise(tx, message, to) {
      await escalation.raiseEmergency(tx, { ...message, assessment: raiseByModel(message.assessment, to) });
    },
    reader:
      (model || embeddings) &&
      createQuestionReader({
        db,
        model,
        meaning: knowledge.meaning,
        prompts,
        errands,
        community,
        index: knowledge.index,
        loadMessage: (tx, messageId) => records.load(tx, messageId),
        lastQuestion,
        grounded: config.model.grounded,
      }),
    recordSent: knowledge.store.recordSent,
    lastTopic: createLastTopic({ clock, seal, withoutAddress: unaddressed }),
    offerVoice: escalation.offerVoice,
  });
  const holders: PersonalDataHolder[] = [
    createCommunityDataHolder({ clock, forgetWords: forgetWordsOfPerson }),
    { name: 'observations', exportPerson: checkIn.exportPerson, erasePerson: checkIn.erasePerson },
    { name: 'points', exportPerson: points.exportPerson, erasePerson: points.erasePerson },
    escalation.dataHolder,
  ];
  const privacy = createPrivacyChat({
    hasModel: model !== undefined || embeddings !== undefined,
    clock,
    audit,
    operator,
    community,
    holders: () => holders,
    async pointsOf(tx, personId) {
      return (await points.balanceOf(tx, await community.firstCommunityId(tx), personId)).available;
    },
    async onErased(_tx, personId) {
      rememberErasure(erasureFile, { personId, at: clock.now() });
    },
  });
  const setup = createSetupChat({
    clock,
    ids,
    seal,
    audit,
    community,
    welcome,
    setupCode,
    async runningCampaign(tx, roomId) {
      const [campaign] = await checkIn.listRunning(tx, [roomId], clock.now());
      return campaign?.name;
    },
  });

  // Conversation
  const records = createRecords({
    clock,
    ids,
    seal,
    community,
    findTicketId: escalation.findTicketId,
    botNames,
  });
  const handler = createHandler({
    community,
    records,
    features: [
      setup,
      privacy,
      checkInChat,
      createPointsChat({ community, points }),
      escalation.chat,
      createReviewChat({
        community,
        store: knowledge.store,
        lives,
        guidelines: knowledge.guidelines,
        timeZone: config.timeZone,
      }),
      createAnnouncements({ clock, community, outbox, audit }),
      createGapDigest({
        db,
        clock,
        seal,
        community,
        outbox,
        jobs,
        timeZone: config.timeZone,
        index: knowledge.index,
        withoutAddress: unaddressed,
      }),
      answering,
    ],
    ticketStep: escalation.chat.quoteStep,
    checkInStep: checkInChat.step,
    questionStep: answering.step,
  });
  const gatherers = new Map<string, Gatherer>([
    [
      'checkin',
      {
        windowMs: config.ackWindowMs,
        spacingMs: 10 * 60_000,
        peopleMax: 20,
        timeZone: config.timeZone,
        join: (items, context) => renderGathered(items, context),
      },
    ],
  ]);
  const limits: PaceLimits | undefined = { wechat: wechatPace, 'wechat-new': newAccountPace, off: undefined }[
    config.pace
  ];
  const sender = createSender({
    db,
    clock,
    ids,
    seal,
    log,
    door,
    pace: limits ? createPace(limits, () => (random(1)[0] ?? 0) / 256) : noPace(),
    accountId: () => currentAccount().id,
    gatherers,
    async resolve(to) {
      const accountId = currentAccount().id;
      if (to.kind === 'room') {
        const externalRoomId = await findExternalId(db.reader, { accountId, roomId: to.roomId });
        return externalRoomId === undefined ? undefined : { kind: 'room', externalRoomId };
      }
      const contactId = await findExternalId(db.reader, { accountId, personId: to.personId });
      return contactId === undefined ? undefined : { kind: 'private', contactId };
    },
    contactOf: (personId) => findExternalId(db.reader, { accountId: currentAccount().id, personId }),
    async quietUntil(to: Conversation, now: number) {
      const room = to.kind === 'room' ? await community.findRoom(db.reader, to.roomId) : undefined;
      return quietUntil(now, {
        fromMinutes: room?.quietFromMinutes ?? 22 * 60,
        toMinutes: room?.quietToMinutes ?? 7 * 60,
        timeZone: room?.timeZone ?? config.timeZone,
      });
    },
    staleLine: communityText.stale(),
    alert(event, details) {
      log.error({ ...details, kind: event }, 'sending needs a look');
    },
  });
  const newcomers = createNewcomers({
    db,
    door,
    community,
    log,
    account: currentAccount,
    now: () => clock.now(),
  });
  const intake = createIntake({
    clock,
    community,
    records,
    outbox,
    sender,
    welcome,
    newcomers,
    parser,
    assess: (input) => assess(triageRules, input),
    async raise(tx, message) {
      await escalation.raiseEmergency(tx, message);
    },
    advise: escalation.adviseOn,
    onRecall: [checkIn.retractMessage, escalation.onRecall],
    async onInvited(tx, { roomId, inviterId }) {
      await updateRoom(tx, roomId, { invited_by: inviterId });
      const friend = await community.isFriend(tx, inviterId);
      await outbox.add(tx, {
        key: `how-to:${roomId}`,
        to: friend ? { kind: 'private', personId: inviterId } : { kind: 'room', roomId },
        kind: 'answer',
        body: { kind: 'text', text: communityText.setup.howTo() },
      });
    },
    async onFriend(tx, personId) {
      await setFriend(tx, personId, currentAccount().id, true);
      await outbox.add(tx, {
        key: `friend:${personId}`,
        to: { kind: 'private', personId },
        kind: 'answer',
        body: { kind: 'text', text: communityText.friendWelcome(operator) },
      });
      await pipeline.release(tx, await listWaitingForFriend(tx, personId, clock.now() - DAY_MS));
    },
    async onFriendRequest(tx, { friendshipId }) {
      // A human does not accept within the second; the simulator need not wait.
      const delayMs = config.pace === 'off' ? 0 : 20_000 + Math.round(((random(1)[0] ?? 0) / 256) * 70_000);
      await jobs.add(tx, {
        kind: 'accept-friend',
        slot: friendshipId,
        dueAt: clock.now() + delayMs,
        data: { friendshipId },
      });
    },
    async onInvitation(tx, { invitationId }) {
      await jobs.add(tx, { kind: 'accept-invitation', slot: invitationId, dueAt: clock.now(), data: { invitationId } });
    },
    botNames,
    selfId,
  });
  const pipeline = createPipeline({
    db,
    clock,
    ids,
    log,
    intake,
    handler,
    account: currentAccount,
    collectMs: door.mode === 'service' ? COLLECT_MS : 0,
    onCommit: () => committed(),
  });

  /** What has to be looked at after every commit. */
  function committed(): void {
    sender.wake();
    if (jobsAdded) dueSoon();
    newcomers.learn();
    knowledge.afterCommit();
    errands.start();
  }

  // Durable work of the platform itself
  registerRetention({ jobs, clock });
  registerPointsJobs({ jobs, points });
  registerEntryExpiry({ jobs, clock, community, outbox, lives, timeZone: config.timeZone });
  jobs.register('accept-friend', {
    missed: { kind: 'always' },
    perform: (job) => door.acceptFriendship(String(job.data.friendshipId)),
  });
  jobs.register('accept-invitation', {
    missed: { kind: 'always' },
    perform: (job) => door.acceptInvitation(String(job.data.invitationId)),
  });
  jobs.register('channel-alert', {
    missed: { kind: 'always' },
    maxAttempts: 20,
    async perform(job) {
      if (config.alertWebhook) await post(config.alertWebhook, job.data);
    },
  });
  jobs.register('backup', {
    missed: { kind: 'skip-when-late', lateMs: DAY_MS },
    recurs: (after) => ({
      dueAt: (Math.floor(after / DAY_MS) + 1) * DAY_MS,
      slot: String(Math.floor(after / DAY_MS) + 1),
    }),
    async perform(job) {
      if (!databaseFile || databaseFile === ':memory:') return;
      const file = join(backupDir, backupName(databaseFile, job.dueAt, 'daily'));
      if (!existsSync(file)) await backupTo(db, file);
      pruneBackups(backupDir, clock.now(), BACKUP_DAYS);
    },
  });
  jobs.register('books', {
    missed: { kind: 'always' },
    recurs: (after) => ({
      dueAt: (Math.floor(after / DAY_MS) + 1) * DAY_MS,
      slot: String(Math.floor(after / DAY_MS) + 1),
    }),
    async perform() {
      const problems = await points.checkBooks(db.reader);
      if (problems.length > 0)
        log.error({ count: problems.length }, 'the points books do not add up: run `xinglin check`');
    },
  });

  /** The one-time code that makes the first owner; undefined once there is one. */
  async function setupCode(reader = db.reader): Promise<string | undefined> {
    if (await hasOwner(reader)) return undefined;
    return config.setupCode ?? (await getMeta(reader, 'setup-code'));
  }

  async function ensureSetupCode(): Promise<void> {
    await db.inTransaction(async (tx) => {
      if (config.setupCode || (await hasOwner(tx)) || (await getMeta(tx, 'setup-code'))) return;
      await setMeta(tx, 'setup-code', String(randomInt(100_000, 1_000_000)), clock.now());
    });
  }

  // Life
  let lease: Lease | undefined;
  let starting: Promise<void> = Promise.resolve();
  let running = false;
  const waitingForAccount: Incoming[] = [];
  const timers: { cancel(): void }[] = [];
  const startedAt = clock.now();
  let unwatch: (() => Promise<void>) | undefined;
  let giveUp: (reason: string) => void = () => {};
  let jobRun: Promise<unknown> = Promise.resolve();
  let jobTimer: { cancel(): void } | undefined;
  let aliveWrite: Promise<void> | undefined;
  let telling: Promise<void> = Promise.resolve();

  /** Runs what is due, and sets a timer for what comes next within the hour. */
  function dueSoon(): void {
    if (!running || !account) return;
    jobsAdded = false;
    jobRun = jobRun
      .then(async () => {
        if (!running) return;
        if ((await jobs.runDue(clock.now())) > 0) sender.wake();
        knowledge.afterCommit();
        jobTimer?.cancel();
        const next = await jobs.nextDueAt();
        if (next !== undefined && running)
          jobTimer = clock.after(Math.max(20, Math.min(next - clock.now(), SYNC_EVERY_MS)), dueSoon);
      })
      .catch((error: unknown) => log.error({ err: error }, 'due work failed'));
  }

  async function onOnline(id: string): Promise<void> {
    const isFirst = account === undefined;
    lastSelfId = id;
    const logged = await db.inTransaction((tx) => community.arrivals.account(tx, config.puppet, id));
    if (account && account.id !== logged.id) {
      giveUp('another account logged in: restart the program');
      return;
    }
    account = logged;
    selfName = await door.displayName(id);
    if (isFirst) {
      await noteProcessGap(logged);
      await sender.start();
      await syncRooms({ db, door, community, account: logged, log, now: clock.now() });
      if (options.onFirstLogin && (await db.inTransaction((tx) => getMeta(tx, 'first-login'))) === undefined) {
        await options.onFirstLogin(app, logged);
        await db.inTransaction((tx) => setMeta(tx, 'first-login', String(clock.now()), clock.now()));
      }
      pipeline.resume();
      for (const incoming of waitingForAccount.splice(0)) pipeline.push(incoming);
    }
    sender.wake();
    dueSoon();
  }

  /** The time since this program was last alive is an absence like any other. */
  async function noteProcessGap(logged: Account): Promise<void> {
    const from = await lastAliveAt(db.reader, logged.id);
    if (from > 0) await onGap({ from, to: clock.now() });
  }

  async function onGap(gap: Gap): Promise<void> {
    if (!account) return;
    const accountId = account.id;
    await db.inTransaction((tx) => announceAbsence(tx, { outbox, operator, accountId }, gap));
    sender.wake();
  }

  async function stayAlive(): Promise<void> {
    if (!account || door.state.kind !== 'online') return;
    const { id } = account;
    await db.inTransaction((tx) => noteAlive(tx, id, clock.now()));
  }

  async function channelLost(): Promise<void> {
    const state = door.state;
    if (state.kind !== 'down' || clock.now() - state.since < LOST_AFTER_MS) return;
    const added = await db.inTransaction((tx) =>
      jobs.add(tx, {
        kind: 'channel-alert',
        slot: String(state.since),
        dueAt: clock.now(),
        data: { event: 'channel-lost', since: state.since, reason: state.reason },
      }),
    );
    if (added) log.error({ reason: state.reason }, 'channel lost: nothing is received or sent');
    await jobs.runDue(clock.now());
  }

  const background = (work: () => Promise<unknown>) => () =>
    void work().catch((error: unknown) => log.error({ err: error }, 'background work failed'));

  const app = {
    db,
    clock,
    config,
    ids,
    audit,
    seal,
    community,
    points,
    knowledge,
    jobs,
    setupCode: () => setupCode(),

    /** A built-in campaign in a group; the chat does the same by 开始打卡. */
    async startCampaign(tx: Transaction, start: { templateId: string; room: Room; communityId: string; by: string }) {
      const template = templates.find((t) => t.id === start.templateId);
      if (!template) throw new NotFoundError('no such campaign template');
      return checkIn.start(tx, { template, room: start.room, communityId: start.communityId, by: start.by });
    },

    /** After a restore: who has asked to be forgotten since is forgotten again. Answers how many. */
    async replayErasures(): Promise<number> {
      let count = 0;
      for (const { personId } of listErasures(erasureFile)) {
        await db.inTransaction(async (tx) => {
          const person = await findPerson(tx, personId);
          if (!person || person.erased_at !== null) return;
          for (const holder of holders) await holder.erasePerson(tx, personId);
          count += 1;
        });
      }
      return count;
    },

    /** @throws AccountTakenError when another process serves the account. */
    async start(onGiveUp: (reason: string) => void = () => {}): Promise<void> {
      giveUp = onGiveUp;
      await ensureSetupCode();
      const name = `${config.puppet}:${createHash('sha256')
        .update(config.service.token ?? '')
        .digest('hex')
        .slice(0, 16)}`;
      lease = await takeLease({ db, clock, name, onLost: () => giveUp('another process took over the account') });
      running = true;
      door.onIncoming((incoming) => {
        if (account) pipeline.push(incoming);
        else waitingForAccount.push(incoming);
      });
      door.onGap((gap) => {
        telling = telling
          .then(() => onGap(gap))
          .catch((error: unknown) => log.error({ err: error }, 'an absence could not be announced'));
      });
      door.onState((state) => {
        log.info({ state: state.kind, ...('reason' in state ? { reason: state.reason } : {}) }, 'channel');
        if (state.kind === 'online')
          starting = starting
            .then(() => onOnline(state.selfId))
            .catch((error: unknown) => log.error({ err: error }, 'login failed'));
      });
      timers.push(
        clock.every(ALIVE_EVERY_MS, () => {
          aliveWrite ??= stayAlive()
            .catch((error: unknown) => log.error({ err: error }, 'background work failed'))
            .finally(() => {
              aliveWrite = undefined;
            });
        }),
        clock.every(ALIVE_EVERY_MS, background(channelLost)),
        clock.every(
          SYNC_EVERY_MS,
          background(async () => {
            if (account && door.state.kind === 'online')
              await syncRooms({ db, door, community, account, log, now: clock.now() });
          }),
        ),
      );
      unwatch = await db.engine.watch(
        background(async () => {
          await knowledge.reload();
          sender.wake();
          dueSoon();
          pipeline.resume();
        }),
      );
      door.start();
    },

    /** The heartbeat of timed work: node-cron calls it, and whoever moves a clock. */
    tick: dueSoon,

    /** Resolves when everything that is due now has been taken in, handled and sent. */
    async quiet(): Promise<void> {
      for (let calm = 0; calm < 2; ) {
        await starting;
        await pipeline.quiet();
        await newcomers.quiet();
        await errands.quiet();
        await jobRun;
        await aliveWrite;
        await telling;
        await sender.quiet();
        await new Promise((resolve) => setImmediate(resolve));
        calm = pipeline.length === 0 ? calm + 1 : 0;
      }
    },

    /** Stops intake, finishes the message in hand, sends what is due within five seconds, closes. */
    async stop({ flushMs = 5_000 } = {}): Promise<void> {
      if (!running) return void (await db.close());
      await pipeline.stop();
      await starting.catch(() => {});
      const flushed = (async () => {
        sender.wake();
        await sender.quiet();
      })();
      await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, flushMs).unref())]);
      running = false;
      await stayAlive().catch(() => {});
      for (const timer of timers) timer.cancel();
      jobTimer?.cancel();
      await jobRun;
      await errands.quiet();
      await sender.stop();
      await newcomers.stop();
      await unwatch?.();
      await door.stop();
      await lease?.release();
      await db.close();
    },

    async status(): Promise<StatusView> {
      const code = await setupCode();
      return {
        version: options.version,
        botName: config.botName,
        puppet: config.puppet,
        channel: describeChannel(door.state),
        knowledge: knowledge.counts(),
        safetyFiles,
        queues: {
          intake: pipeline.length,
          ...(await countWaiting(db.reader)),
        },
        lastBackupAt: lastBackupAt(backupDir),
        setupNeeded: code !== undefined,
        // Whoever sits at this machine may claim the bot; a page that others can reach does not show how.
        setupCode: isLoopback(config.host) ? (code ?? null) : null,
        model: config.model.chat !== undefined,
        startedAt,
        now: clock.now(),
        timeZone: config.timeZone,
      };
    },
  };
  return app;
}

/** A database belongs to one kind of puppet for ever. */
async function claimDatabase(db: Database, config: Config, clock: Clock): Promise<void> {
  await db.inTransaction(async (tx) => {
    const kind = await getMeta(tx, 'puppet');
    if (kind === undefined) return setMeta(tx, 'puppet', config.puppet, clock.now());
    if (kind !== config.puppet) {
      throw new WrongDatabaseError(
        `this database belongs to the ${kind} puppet, and the settings ask for ${config.puppet}: simulated and real people never share one. Set XINGLIN_DATABASE_URL or XINGLIN_DATA_DIR to another place`,
      );
    }
  });
}

async function postJson(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}

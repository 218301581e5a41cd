import { SystemClock } from '../../src/platform/clock.js';
import { type Gateway, startGateway } from '../../src/simulator/gateway.js';
import { SimulatorPuppet } from '../../src/simulator/simulator-puppet.js';
import { SimulatedWechat, type WorldSnapshot } from '../../src/simulator/world.js';

export type CallStage = 'reading' | 'before-sending' | 'after-sending';

/** The simulated WeChat behind gRPC; it survives the program, sees what that asks, and can let a call fail. */
export class SurvivingGateway {
  readonly world: SimulatedWechat;
  readonly clock: SystemClock;
  readonly #puppet: WatchedPuppet;
  #gateway: Gateway | undefined;

  constructor(snapshot: WorldSnapshot, offsetMs: number) {
    this.clock = new SystemClock(offsetMs);
    this.world = SimulatedWechat.fromSnapshot({ clock: this.clock }, snapshot);
    this.#puppet = new WatchedPuppet({ world: this.world, clock: this.clock, heartbeatMs: 1_000 });
  }

  async start(): Promise<{ endpoint: string; token: string }> {
    this.#gateway = await startGateway({ puppet: this.#puppet });
    return this.#gateway;
  }

  /** Called at every stage of every call; true lets the call fail. */
  set onCall(watch: (stage: CallStage) => boolean) {
    this.#puppet.watch = watch;
  }

  /** Hands messages over once more, as providers do. */
  redeliver(messageIds: string[]): void {
    this.#puppet.redeliver(messageIds);
  }

  /** The same messages under other ids, which some providers give after a reconnect. */
  redeliverUnderNewIds(messageIds: string[]): void {
    for (const id of messageIds) this.#puppet.originals.set(`${id}-again`, id);
    this.#puppet.redeliver(messageIds.map((id) => `${id}-again`));
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
  }
}

class WatchedPuppet extends SimulatorPuppet {
  watch: (stage: CallStage) => boolean = () => false;
  readonly originals = new Map<string, string>();

  override async messagePayload(messageId: string) {
    this.#pass('reading');
    return super.messagePayload(messageId);
  }

  override async messageRawPayload(messageId: string) {
    const payload = await super.messageRawPayload(this.originals.get(messageId) ?? messageId);
    return { ...payload, id: messageId };
  }

  override async messageSendText(to: string, text: string, mentionIds?: string[]) {
    this.#pass('before-sending');
    const id = await super.messageSendText(to, text, mentionIds);
    this.#pass('after-sending');
    return id;
  }

  #pass(stage: CallStage): void {
    if (this.watch(stage)) throw new Error('nobody waits for this answer any more');
  }
}

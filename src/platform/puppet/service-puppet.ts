import type { FileBoxInterface } from 'file-box';
import { puppet as grpcPuppet } from 'wechaty-grpc';
import { Puppet } from 'wechaty-puppet';
import { PuppetService } from 'wechaty-puppet-service';
import { SystemClock } from '../clock.js';
import { NotSentError } from './door.js';
import type { ServicePuppetSettings } from './token.js';

export interface ServicePuppetOptions extends ServicePuppetSettings {
  deadlines?: Partial<RpcDeadlines>;
}

export interface RpcDeadlines {
  /** Every remote call without a longer one of its own. */
  callMs: number;
  sendMs: number;
  /** `start` waits for the gateway's own puppet; `upload` for the bytes. */
  startMs: number;
  uploadMs: number;
}

const DEADLINES: RpcDeadlines = { callMs: 10_000, sendMs: 15_000, startMs: 20_000, uploadMs: 60_000 };

/** How the stream of events ended; nothing more will come from this puppet. */
export interface StreamEnd {
  by: 'end' | 'error' | 'cancel';
  /** gRPC status, where there is one. */
  code?: number;
  details?: string;
}

type GrpcManager = PuppetService['grpcManager'];
type PuppetClient = GrpcManager['client'];
type EventStream = ReturnType<PuppetClient['event']>;

/** The protected parts of GrpcManager that are used here; the version is pinned, and tests cover each use. */
interface OpenGrpcManager {
  _client?: PuppetClient | undefined;
  initClient(): Promise<void>;
}

interface RemoteMethod {
  (...args: unknown[]): unknown;
  path?: string;
  requestStream?: boolean;
  responseStream?: boolean;
}

/**
 * PuppetService, hardened for a program that runs for months.
 *
 * - nothing about contacts is written to disk (the stock class keeps a LevelDB
 *   under ~/.wechaty: stale names, names in clear text, a lock that ends the process)
 * - an incoming logout sends no logout back, which would sign the account out again
 * - every remote call has a deadline
 * - a file is sent once (the stock class sends it again by another way on failure)
 * - the end of the event stream is told (`onStreamEnd`), with its status
 * - stopping cancels the stream, which frees the gateway's only slot, and leaves
 *   the gateway's session alone
 *
 * It is used once: after it stopped, make a new one. Never call `reset()`.
 */
export class ServicePuppet extends PuppetService {
  readonly #deadlines: RpcDeadlines;
  readonly #streamEndListeners: ((end: StreamEnd) => void)[] = [];
  #streamEnded = false;
  #loggingOut: Promise<void> = Promise.resolve();

  constructor({ deadlines, ...settings }: ServicePuppetOptions) {
    super({
      ...settings,
      // Wechaty's own watchdog would call reset(), which does not survive an outage.
      timeoutSeconds: 3600,
      cache: { contact: 5000, room: 500, message: 2000 },
    });
    this.#deadlines = { ...DEADLINES, ...deadlines };
  }

  /** Called at most once, also for a stream that was refused. Not for our own `detach`. */
  onStreamEnd(listener: (end: StreamEnd) => void): void {
    this.#streamEndListeners.push(listener);
  }

  /** No more events; calls still work. */
  closeStream(): void {
    this.#streamEnded = true;
    // cancel(), not destroy(): only this reaches the gateway and frees the slot for the next client.
    this._grpcManager?.eventStream?.cancel();
  }

  /** Lets go of the gateway at once; its session with WeChat stays. */
  detach(): void {
    this.closeStream();
    const manager = this._grpcManager;
    delete this._grpcManager;
    for (const cleanup of this._cleanupCallbackList.splice(0)) cleanup();
    if (manager) (manager as unknown as OpenGrpcManager)._client?.close();
  }

  override async onStop(): Promise<void> {
    this.detach();
  }

  protected override hookPayloadStore(): void {}

  override async logout(reason?: string): Promise<void> {
    this.#loggingOut = Puppet.prototype.logout.call(this, reason);
    await this.#loggingOut;
  }

  /** Wechaty forgets the account a turn after it told the logout; a login that comes with it has to wait for that. */
  override login(contactId: string): void {
    if (!this.isLoggedIn) {
      super.login(contactId);
      return;
    }
    void this.#loggingOut.then(() => {
      if (!this.isLoggedIn) super.login(contactId);
    });
  }

  override async messageSendFile(conversationId: string, file: FileBoxInterface): Promise<undefined | string> {
    const uuid = await this.#upload(file);
    const request = new grpcPuppet.MessageSendFileRequest();
    request.setConversationId(conversationId);
    request.setFileBox(JSON.stringify(this.FileBoxUuid.fromUuid(uuid, { name: file.name, size: file.size })));
    const client = this.grpcManager.client;
    return new Promise((resolve, reject) => {
      client.messageSendFile(request, (error: Error | null, answer: { getId(): string }) => {
        if (error) reject(error);
        else resolve(answer.getId() || undefined);
      });
    });
  }

  async #upload(file: FileBoxInterface): Promise<string> {
    try {
      return await this.FileBoxUuid.fromStream(await file.toStream(), file.name).toUuid();
    } catch (error) {
      throw new NotSentError('the file could not be handed to the gateway', { cause: error });
    }
  }

  protected override bridgeGrpcEventStream(manager: GrpcManager): void {
    const open = manager as unknown as OpenGrpcManager;
    const initClient = open.initClient.bind(manager);
    open.initClient = async () => {
      await initClient();
      if (!open._client) return;
      // Detached while the client was being made.
      if (this.#streamEnded) open._client.close();
      addDeadlines(open._client, this.#deadlines);
      this.#watchStream(manager, open._client);
    };
    super.bridgeGrpcEventStream(manager);
    // An event that does not parse would throw through the socket and end the process.
    for (const listener of manager.listeners('data')) {
      manager.removeListener('data', listener as () => void);
      manager.on('data', (event: unknown) => {
        try {
          listener.call(manager, event);
        } catch (error) {
          this.emit('error', error);
        }
      });
    }
  }

  #watchStream(manager: GrpcManager, client: PuppetClient): void {
    const openStream = client.event.bind(client);
    client.event = (...args: Parameters<typeof openStream>): EventStream => {
      const stream = openStream(...args);
      keepEarlyEvents(manager, stream);
      stream.on('error', (error: Error & { code?: number; details?: string }) => {
        // Our own cancel, or the other side's: either way the call is over.
        const by = error.code === 1 ? 'cancel' : 'error';
        this.#tellStreamEnd({
          by,
          ...(error.code !== undefined && { code: error.code }),
          details: error.details ?? error.message,
        });
      });
      stream.on('end', () => this.#tellStreamEnd({ by: 'end' }));
      return stream;
    };
  }

  #tellStreamEnd(end: StreamEnd): void {
    if (this.#streamEnded) return;
    this.#streamEnded = true;
    for (const listener of this.#streamEndListeners) listener(end);
  }
}

/**
 * GrpcManager takes the first event off the stream and listens to the rest a
 * few ticks later; what comes in between would be lost. So the stream is held
 * after its first event until GrpcManager listens again.
 */
function keepEarlyEvents(manager: GrpcManager, stream: EventStream): void {
  stream.once('data', () => {
    if (manager.eventStream === stream) return;
    stream.pause();
    stream.on('newListener', (event: string | symbol) => {
      if (event === 'data') setImmediate(() => stream.resume());
    });
  });
}

const wallClock = new SystemClock();

/** gRPC calls wait for ever by default. The stream of events has no deadline: its silence is watched by the supervisor. */
function addDeadlines(client: PuppetClient, deadlines: RpcDeadlines): void {
  const methods = client as unknown as Record<string, RemoteMethod>;
  for (const name of Object.keys(Object.getPrototypeOf(client) as object)) {
    const method = methods[name];
    if (typeof method !== 'function' || !method.path || method.responseStream) continue;
    const ms = deadlineOf(name, deadlines);
    methods[name] = (...args) => {
      const callback = args.find((arg) => typeof arg === 'function');
      const options = { deadline: new Date(wallClock.now() + ms) };
      return method.requestStream
        ? method.call(client, options, callback)
        : method.call(client, args[0], options, callback);
    };
  }
}

function deadlineOf(method: string, deadlines: RpcDeadlines): number {
  if (method === 'start') return deadlines.startMs;
  if (method === 'upload') return deadlines.uploadMs;
  return method.startsWith('messageSend') ? deadlines.sendMs : deadlines.callMs;
}

import type { FileContent, SimulatedMessage } from './world-types.js';

/** A list that only grows at the end and shrinks at the front, both in constant time. */
class Shelf {
  #items: SimulatedMessage[] = [];
  #start = 0;

  push(message: SimulatedMessage): void {
    this.#items.push(message);
  }

  first(): SimulatedMessage | undefined {
    return this.#items[this.#start];
  }

  dropFirst(): void {
    this.#start += 1;
    if (this.#start < 1024 || this.#start < this.#items.length / 2) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  last(limit: number, beforeSequence: number): SimulatedMessage[] {
    let end = this.#items.length;
    while (end > this.#start && (this.#items[end - 1]?.sequence ?? 0) >= beforeSequence) end -= 1;
    return this.#items.slice(Math.max(this.#start, end - limit), end);
  }

  since(sequence: number): SimulatedMessage[] {
    let from = this.#items.length;
    while (from > this.#start && (this.#items[from - 1]?.sequence ?? 0) > sequence) from -= 1;
    return this.#items.slice(from);
  }
}

/** The newest messages of all conversations, and the files that came with them. */
export class MessageLog {
  readonly #byId = new Map<string, SimulatedMessage>();
  readonly #files = new Map<string, FileContent>();
  readonly #shelves = new Map<string, Shelf>();
  readonly #order = new Shelf();
  readonly #limits: { messages: number; fileCharacters: number };
  #fileCharacters = 0;

  constructor(limits: { messages: number; fileCharacters: number }) {
    this.#limits = limits;
  }

  add(message: SimulatedMessage, file?: FileContent): void {
    this.#byId.set(message.id, message);
    this.#order.push(message);
    let shelf = this.#shelves.get(message.conversationId);
    if (!shelf) {
      shelf = new Shelf();
      this.#shelves.set(message.conversationId, shelf);
    }
    shelf.push(message);
    if (file) this.#addFile(message.id, file);
    while (this.#byId.size > this.#limits.messages) this.#dropOldest();
  }

  find(id: string): SimulatedMessage | undefined {
    return this.#byId.get(id);
  }

  findFile(messageId: string): FileContent | undefined {
    return this.#files.get(messageId);
  }

  /** The last `limit` messages of a conversation before a sequence number, oldest first. */
  history(conversationId: string, limit: number, beforeSequence = Number.POSITIVE_INFINITY): SimulatedMessage[] {
    return this.#shelves.get(conversationId)?.last(limit, beforeSequence) ?? [];
  }

  /** Everything kept with a greater sequence number, oldest first. */
  since(sequence: number): SimulatedMessage[] {
    return this.#order.since(sequence);
  }

  files(): [messageId: string, file: FileContent][] {
    return [...this.#files];
  }

  #addFile(messageId: string, file: FileContent): void {
    this.#files.set(messageId, file);
    this.#fileCharacters += file.base64.length;
    for (const oldest of this.#files.keys()) {
      if (this.#fileCharacters <= this.#limits.fileCharacters || oldest === messageId) break;
      this.#dropFile(oldest);
    }
  }

  #dropFile(messageId: string): void {
    this.#fileCharacters -= this.#files.get(messageId)?.base64.length ?? 0;
    this.#files.delete(messageId);
  }

  #dropOldest(): void {
    const oldest = this.#order.first();
    if (!oldest) return;
    this.#order.dropFirst();
    this.#byId.delete(oldest.id);
    this.#shelves.get(oldest.conversationId)?.dropFirst();
    this.#dropFile(oldest.id);
  }
}

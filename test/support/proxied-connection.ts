import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { FrameFollower } from "./frame-follower.ts";

export type Direction = "toBroker" | "toClient";

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** What can be wrong with one direction of a connection. */
export interface Faults {
  /** Every byte arrives so much later. */
  latencyMs?: number;
  bytesPerSecond?: number;
  /** Bytes leave in pieces of at most so many. */
  pieceBytes?: number;
  /**
   * Bytes are taken and never passed on, nor is the end of the connection, as by a host that has lost its power.
   * In one direction only, it is a half-open connection.
   */
  swallow?: boolean;
  /** The connection is reset once so many bytes have passed in this direction. */
  resetAfterBytes?: number;
}

/** A response that is to be cut off. */
export interface Cut {
  readonly afterBytes: number;
  /** Asked for each response, with the API that it answers; true when it is this one. */
  readonly takes: (apiKey: number | undefined) => boolean;
}

export interface ProxiedConnectionOptions {
  readonly faults: Readonly<Record<Direction, Faults>>;
  readonly cut: () => Cut | null;
  readonly onBytes: (direction: Direction, count: number) => void;
  readonly onRequest: (apiKey: number) => void;
  readonly onClose: () => void;
}

/** Size, API key, API version, correlation id. */
const REQUEST_HEADER_BYTES = 12;
/** Size, correlation id. */
const RESPONSE_HEADER_BYTES = 8;
/** Held here at most; whoever sends more has to wait. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** With a limit on bandwidth, bytes leave so often. */
const SLICES_PER_SECOND = 50;

/** One connection of a client, and ours to the broker. */
export class ProxiedConnection {
  /** Faults of this connection alone; they win over those of the proxy. */
  readonly toBroker: Faults = {};
  readonly toClient: Faults = {};
  readonly #client: Socket;
  readonly #broker: Socket | null;
  readonly #options: ProxiedConnectionOptions;
  readonly #closing = new AbortController();

  constructor(client: Socket, target: Target | null, options: ProxiedConnectionOptions) {
    this.#client = client;
    this.#options = options;
    client.on("error", () => {});
    client.once("close", () => this.#close());
    if (target === null) {
      this.#broker = null;
      queueMicrotask(() => this.reset());
      return;
    }
    const broker = connect({ ...target, allowHalfOpen: true, noDelay: true });
    this.#broker = broker;
    const apiKeys = new Map<number, number>();
    const requests = new FrameFollower(REQUEST_HEADER_BYTES, (header) => {
      const apiKey = header.readInt16BE(4);
      apiKeys.set(header.readInt32BE(8), apiKey);
      options.onRequest(apiKey);
    });
    let cutAt: number | null = null;
    const responses = new FrameFollower(RESPONSE_HEADER_BYTES, (header, start) => {
      const correlationId = header.readInt32BE(4);
      const apiKey = apiKeys.get(correlationId);
      apiKeys.delete(correlationId);
      const cut = cutAt === null ? options.cut() : null;
      if (cut?.takes(apiKey) === true) cutAt = Math.max(0, start + cut.afterBytes);
    });

    const toBroker = this.#pipe("toBroker", broker);
    const toClient = this.#pipe("toClient", client);
    client.on("data", (chunk: Buffer) => {
      requests.push(chunk);
      toBroker.push(chunk, client);
    });
    broker.on("data", (chunk: Buffer) => {
      if (cutAt === null) responses.push(chunk);
      if (cutAt === null) return toClient.push(chunk, broker);
      const rest = chunk.subarray(0, cutAt);
      cutAt -= rest.length;
      toClient.push(rest, broker);
      if (cutAt === 0) toClient.end(() => this.#end());
    });
    // Kafka never ends one direction alone: an end is that of the connection.
    client.once("end", () => toBroker.end(() => this.#end()));
    let failure: Error | null = null;
    broker.on("error", (error) => {
      failure = error;
    });
    const brokerIsGone = (): void =>
      toClient.end(() => {
        if (this.#isSwallowed("toClient")) return;
        if (failure === null) this.#end();
        else this.reset();
      });
    broker.once("end", brokerIsGone);
    broker.once("close", brokerIsGone);
  }

  /** Ends the connection on both sides, with a RST to the client. */
  reset(): void {
    // What resetAndDestroy() sets too; but that sends a FIN first, and the peer would take it for an orderly end.
    Object.assign(this.#client, { resetAndClosing: true }).destroy();
    this.#broker?.destroy();
  }

  #end(): void {
    this.#client.end();
    this.#client.destroySoon();
    this.#broker?.destroy();
  }

  #close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#broker?.destroy();
    this.#options.onClose();
  }

  #faults(direction: Direction): Faults {
    return { ...this.#options.faults[direction], ...this[direction] };
  }

  #isSwallowed(direction: Direction): boolean {
    return this.#faults(direction).swallow === true;
  }

  #pipe(direction: Direction, destination: Socket): Pipe {
    return new Pipe(destination, {
      faults: () => this.#faults(direction),
      closing: this.#closing.signal,
      onPassed: (count, total) => {
        this.#options.onBytes(direction, count);
        if (total >= (this.#faults(direction).resetAfterBytes ?? Number.POSITIVE_INFINITY)) this.reset();
      },
    });
  }
}

interface PipeOptions {
  readonly faults: () => Faults;
  readonly closing: AbortSignal;
  readonly onPassed: (count: number, total: number) => void;
}

/** One direction. */
class Pipe {
  readonly #destination: Socket;
  readonly #options: PipeOptions;
  readonly #held: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  #heldBytes = 0;
  #passed = 0;
  #isPumping = false;
  #onEmpty: (() => void) | null = null;

  constructor(destination: Socket, options: PipeOptions) {
    this.#destination = destination;
    this.#options = options;
  }

  push(bytes: Buffer, source: Socket): void {
    if (this.#onEmpty !== null || this.#options.closing.aborted) return;
    this.#held.push({ bytes, dueMs: performance.now() + (this.#options.faults().latencyMs ?? 0) });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) source.pause();
    if (!this.#isPumping) void this.#pump(source);
  }

  /** Takes nothing more, and calls back once all has left. */
  end(onEmpty: () => void): void {
    this.#onEmpty = onEmpty;
    if (!this.#isPumping) onEmpty();
  }

  async #pump(source: Socket): Promise<void> {
    const { closing, faults } = this.#options;
    this.#isPumping = true;
    try {
      for (let next = this.#held.shift(); next !== undefined; next = this.#held.shift()) {
        await this.#until(next.dueMs);
        for (let at = 0; at < next.bytes.length; ) {
          const { bytesPerSecond = Number.POSITIVE_INFINITY, pieceBytes, resetAfterBytes } = faults();
          const size = Math.min(
            next.bytes.length - at,
            Math.ceil(bytesPerSecond / SLICES_PER_SECOND),
            pieceBytes ?? Number.POSITIVE_INFINITY,
            Math.max(1, (resetAfterBytes ?? Number.POSITIVE_INFINITY) - this.#passed),
          );
          const piece = next.bytes.subarray(at, at + size);
          await this.#write(piece);
          at += piece.length;
          const pauseMs = (size / bytesPerSecond) * 1000;
          if (pauseMs > 0) await delay(pauseMs, undefined, { signal: closing });
          else if (at < next.bytes.length) await nextTurn();
        }
        this.#heldBytes -= next.bytes.length;
        if (this.#heldBytes <= MAX_HELD_BYTES) source.resume();
      }
    } catch (error) {
      // What was still held has nobody to go to.
      if (!closing.aborted) throw error;
    }
    this.#isPumping = false;
    this.#onEmpty?.();
  }

  async #until(dueMs: number): Promise<void> {
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#options.closing });
  }

  async #write(piece: Buffer): Promise<void> {
    const { closing, faults, onPassed } = this.#options;
    closing.throwIfAborted();
    if (faults().swallow === true || this.#destination.destroyed) return;
    const hasRoom = this.#destination.write(piece);
    this.#passed += piece.length;
    onPassed(piece.length, this.#passed);
    if (hasRoom) return;
    try {
      await once(this.#destination, "drain", { signal: closing });
    } catch (error) {
      // One that broke takes nothing more; what becomes of the connection its own events decide.
      if (this.#destination.errored === null) throw error;
    }
  }
}

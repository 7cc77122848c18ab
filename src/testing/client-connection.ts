/**
 * A client's connection to a broker: frames in, frames out. As in Kafka, the next request is looked at once the one
 * before is answered.
 */

import type { ServerStream } from "../platform/listener.ts";
import type { ByteStreamHandler, Clock } from "../platform/platform.ts";
import { FrameReader } from "../protocol/frame.ts";
import type { ConnectionState } from "./api.ts";
import { beginning } from "./beginning.ts";
import { ANONYMOUS, type Principal } from "./security/authorizer.ts";
import type { SaslConnection } from "./security/sasl/sasl-connection.ts";

/** A frame of which only the first bytes arrive, before the connection breaks. */
export interface CutFrame {
  readonly cut: readonly Uint8Array[];
  readonly afterBytes: number;
}

/** What becomes of a request: the frame to send; or nothing, and then the next request; or the end. */
export type Outcome = readonly Uint8Array[] | CutFrame | "nothing" | "hang up";

/** Takes a request, and says later or at once what becomes of it. */
export type Serve = (
  frame: Uint8Array,
  connection: ClientConnection,
  done: (outcome: Outcome) => void,
) => void;

export class ClientConnection implements ConnectionState, ByteStreamHandler {
  readonly id: number;
  readonly peer: string;
  principal: Principal = ANONYMOUS;
  sasl: SaslConnection | null = null;
  software: { readonly name: string; readonly version: string } | null = null;
  readonly #stream: ServerStream;
  readonly #serve: Serve;
  readonly #onClosed: () => void;
  readonly #frames: FrameReader;
  readonly #waiting: Uint8Array[] = [];
  /** Called when the client goes, while a request waits for its answer. */
  #whenGone: (() => void) | null = null;
  #isBusy = false;
  #isFull = false;
  #isMuted = false;
  #isServing = false;
  #endsAfterAnswer = false;
  #isClosed = false;

  constructor(
    id: number,
    stream: ServerStream,
    peer: string,
    maxFrameSize: number,
    serve: Serve,
    onClosed: () => void,
  ) {
    this.id = id;
    this.peer = peer;
    this.#stream = stream;
    this.#serve = serve;
    this.#onClosed = onClosed;
    this.#frames = new FrameReader(maxFrameSize);
  }

  onData(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    try {
      for (const frame of this.#frames.push(chunk)) this.#waiting.push(frame);
    } catch {
      // Kafka closes a connection on which a size is negative or too large, without a word.
      this.close();
      return;
    }
    this.#next();
  }

  onDrain(): void {
    this.#isFull = false;
    this.#next();
  }

  onClose(): void {
    this.#closed();
  }

  close(): void {
    if (this.#isClosed) return;
    // What was written still arrives; the stream goes once the other side has ended too.
    this.#stream.end();
    this.#closed();
  }

  closeAfterAnswer(): void {
    this.#endsAfterAnswer = true;
  }

  /** Ends the connection at once. */
  drop(): void {
    this.#stream.close();
    this.#closed();
  }

  /** Breaks the connection, as a broker that dies does. */
  reset(): void {
    if (this.#isClosed) return;
    this.#stream.reset();
    this.#closed();
  }

  /** Looks at no further request for a while, as Kafka does with a client that it throttles. */
  mute(ms: number, clock: Clock): void {
    this.#isMuted = true;
    clock.setTimer(ms, () => {
      this.#isMuted = false;
      this.#next();
    });
  }

  /** Calls `listener` if the client goes before the request that is looked at now is answered. */
  whileWaiting(listener: () => void): void {
    this.#whenGone = listener;
  }

  #next(): void {
    // A request that is answered at once comes back here: the loop goes on, and the stack does not grow.
    if (this.#isServing) return;
    this.#isServing = true;
    while (!this.#isBusy && !this.#isFull && !this.#isMuted && !this.#isClosed) {
      const frame = this.#waiting.shift();
      if (frame === undefined) break;
      this.#isBusy = true;
      this.#serve(frame, this, (outcome) => this.#done(outcome));
    }
    this.#isServing = false;
  }

  #done(outcome: Outcome): void {
    this.#whenGone = null;
    this.#isBusy = false;
    if (this.#isClosed) return;
    if (outcome === "hang up") {
      this.close();
      return;
    }
    if (typeof outcome === "object" && "cut" in outcome) {
      this.#stream.write(beginning(outcome.cut, outcome.afterBytes));
      this.close();
      return;
    }
    if (outcome !== "nothing") this.#isFull = !this.#stream.write(outcome);
    if (this.#endsAfterAnswer) this.close();
    else this.#next();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.length = 0;
    const whenGone = this.#whenGone;
    this.#whenGone = null;
    whenGone?.();
    this.#onClosed();
  }
}

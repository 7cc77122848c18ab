/** A connection over a network that may have faults. Without any it passes everything on as it comes. */

import type { Acceptor, ServerStream } from "../../platform/listener.ts";
import type { ByteStreamHandler, Clock } from "../../platform/platform.ts";
import { beginning } from "../beginning.ts";
import type { NetworkFault, NetworkFaults } from "./network-fault.ts";

/** Something that happens at the end of a way. */
interface Parcel {
  readonly size: number;
  readonly dueMs: number;
  readonly arrive: () => void;
}

/** One direction of a connection. */
class Way {
  readonly #broker: number;
  readonly #direction: "in" | "out";
  readonly #faults: NetworkFaults;
  readonly #clock: Clock;
  readonly #parcels: Parcel[] = [];
  /** Bytes that have gone since a fault began to count them. */
  readonly #counted = new Map<NetworkFault, number>();
  #isPlanned = false;
  isClosed = false;

  constructor(broker: number, direction: "in" | "out", faults: NetworkFaults, clock: Clock) {
    this.#broker = broker;
    this.#direction = direction;
    this.#faults = faults;
    this.#clock = clock;
  }

  /** Has `arrive` called at once, or later, in turn behind what is on its way. */
  send(size: number, arrive: () => void): void {
    if (this.#parcels.length === 0 && this.#faults.isEmpty) {
      arrive();
      return;
    }
    let latencyMs = 0;
    for (const fault of this.#faults.of(this.#broker, this.#direction)) {
      if (fault.options.latencyMs !== undefined) {
        latencyMs += fault.options.latencyMs;
        fault.hit();
      } else if (fault.options.blackHole === true) fault.hit();
    }
    this.#parcels.push({ size, dueMs: this.#clock.monotonicMs() + latencyMs, arrive });
    this.deliver();
  }

  /** How many of `size` bytes may go before the connection is cut; null for all. */
  cutWithin(size: number): number | null {
    for (const fault of this.#faults.of(this.#broker, this.#direction)) {
      const { cutAfterBytes } = fault.options;
      if (cutAfterBytes === undefined) continue;
      const before = this.#counted.get(fault) ?? 0;
      this.#counted.set(fault, before + size);
      if (before + size < cutAfterBytes) continue;
      fault.hit();
      return Math.max(cutAfterBytes - before, 0);
    }
    return null;
  }

  /** Lets arrive what may. */
  deliver(): void {
    while (!this.isClosed) {
      const parcel = this.#parcels[0];
      if (parcel === undefined || this.#isBlackHole()) return;
      const waitMs = parcel.dueMs - this.#clock.monotonicMs();
      if (waitMs > 0) {
        this.#planFor(waitMs);
        return;
      }
      this.#parcels.shift();
      parcel.arrive();
    }
  }

  #planFor(waitMs: number): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#clock.setTimer(waitMs, () => {
      this.#isPlanned = false;
      this.deliver();
    });
  }

  #isBlackHole(): boolean {
    for (const { options } of this.#faults.of(this.#broker, this.#direction)) {
      if (options.blackHole === true) return true;
    }
    return false;
  }
}

/** Takes connections as `accept` does, over a network with these faults. */
export function disturbed(accept: Acceptor, broker: number, faults: NetworkFaults, clock: Clock): Acceptor {
  return (stream, peer) => {
    const incoming = new Way(broker, "in", faults, clock);
    const outgoing = new Way(broker, "out", faults, clock);
    const stopListening = faults.listen(() => {
      incoming.deliver();
      outgoing.deliver();
    });
    const closed = (): void => {
      incoming.isClosed = outgoing.isClosed = true;
      stopListening();
    };
    const reset = (): void => {
      closed();
      stream.reset();
    };
    const handler = accept(disturbedStream(stream, outgoing, closed, reset), peer);
    return disturbedHandler(handler, incoming, closed, reset);
  };
}

function disturbedStream(
  stream: ServerStream,
  way: Way,
  closed: () => void,
  reset: () => void,
): ServerStream {
  return {
    write: (chunks) => {
      const size = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const cut = way.cutWithin(size);
      let goesOn = true;
      way.send(size, () => {
        goesOn = stream.write(cut === null ? chunks : beginning(chunks, cut));
        if (cut !== null) stream.end();
      });
      if (cut !== null) way.send(0, closed);
      return goesOn;
    },
    end: () => way.send(0, () => stream.end()),
    reset,
    close: () => {
      closed();
      stream.close();
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    ...(stream.clientName === undefined ? {} : { clientName: stream.clientName }),
  };
}

function disturbedHandler(
  handler: ByteStreamHandler,
  way: Way,
  closed: () => void,
  reset: () => void,
): ByteStreamHandler {
  return {
    onData: (chunk) => {
      const cut = way.cutWithin(chunk.byteLength);
      way.send(chunk.byteLength, () => {
        handler.onData(cut === null ? chunk : chunk.subarray(0, cut));
        if (cut === null) return;
        reset();
        handler.onClose(null);
      });
    },
    onDrain: () => handler.onDrain(),
    onClose: (error) => {
      closed();
      handler.onClose(error);
    },
  };
}

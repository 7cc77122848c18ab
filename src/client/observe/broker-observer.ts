import type { Clock } from "../../platform/platform.ts";
import { ClosedError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type BrokerContext, ConnectionObserver } from "./connection-observer.ts";
import { BrokerCounters } from "./counters.ts";
import type { EventHub } from "./event-hub.ts";
import { type BrokerMetrics, brokerCountersSnapshot } from "./metrics.ts";
import type { Waits } from "./waits.ts";

/** What is noticed of one broker. */
export class BrokerObserver {
  readonly counters = new BrokerCounters();
  readonly #context: BrokerContext;
  readonly #onLeave: (observer: BrokerObserver) => void;
  #hasLeft = false;

  constructor(
    name: string,
    nodeId: number | null,
    parts: {
      readonly clock: Clock;
      readonly logger: Logger;
      readonly events: EventHub;
      readonly waits: Waits;
    },
    onLeave: (observer: BrokerObserver) => void,
  ) {
    const { clock, logger, events, waits } = parts;
    this.#onLeave = onLeave;
    this.#context = {
      name,
      nodeId,
      clock,
      logger,
      waits,
      counters: this.counters,
      onClosed: () => this.#leaveIfDone(),
      events,
      requestDone: events.source("request:done"),
    };
  }

  /**
   * A connection is about to be set up.
   *
   * @param inTheWay what stands in its way
   */
  connecting(purpose: string, inTheWay?: () => string): ConnectionObserver {
    return new ConnectionObserver(this.#context, purpose, inTheWay);
  }

  /**
   * The broker will not be used any more, and its connections end. When it is the client that ends, nobody has
   * left, and what was counted stays to be looked at.
   */
  left(cause: Error): void {
    this.#hasLeft ||= !(cause instanceof ClosedError);
    this.#leaveIfDone();
  }

  #leaveIfDone(): void {
    if (this.#hasLeft && this.counters.connectionsOpen === 0) this.#onLeave(this);
  }

  snapshot(): BrokerMetrics {
    const { name, nodeId } = this.#context;
    return { broker: name, nodeId, ...brokerCountersSnapshot(this.counters) };
  }
}

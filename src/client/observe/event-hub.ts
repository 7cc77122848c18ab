/**
 * Brings events to those who listen. Where nobody does, an event costs the question whether anybody does: its
 * object is made only after that.
 */

import type { DiagnosticsChannel, Platform } from "../../platform/platform.ts";
import { ConfigError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import {
  CLIENT_EVENT_NAMES,
  type ClientEvent,
  type ClientEventListener,
  type ClientEventName,
  type ClientEvents,
} from "./events.ts";

interface Subscription<Name extends ClientEventName> {
  readonly listener: ClientEventListener<Name>;
  readonly once: boolean;
}

/** One event of one client. */
export class EventSource<Name extends ClientEventName> {
  readonly #type: Name;
  readonly #clientId: string;
  readonly #logger: Logger;
  readonly #channel: DiagnosticsChannel | undefined;
  /** Never changed, only replaced: a listener may come or go while an event is on its way. */
  #subscriptions: readonly Subscription<Name>[] = [];

  constructor(type: Name, clientId: string, logger: Logger, channel: DiagnosticsChannel | undefined) {
    this.#type = type;
    this.#clientId = clientId;
    this.#logger = logger;
    this.#channel = channel;
  }

  /** Whether anybody listens. Ask before making the event. */
  get isWanted(): boolean {
    return this.#subscriptions.length > 0 || this.#channel?.hasSubscribers === true;
  }

  /** Never throws: what a listener does is its own affair. */
  emit(body: ClientEvents[Name]): void {
    const event = { type: this.#type, clientId: this.#clientId, ...body } as ClientEvent<Name>;
    if (this.#channel?.hasSubscribers === true) this.#attempt(() => this.#channel?.publish(event));
    for (const subscription of this.#subscriptions) {
      if (subscription.once) this.#remove((each) => each === subscription);
      this.#attempt(() => subscription.listener(event));
    }
  }

  add(listener: ClientEventListener<Name>, once: boolean): () => void {
    const subscription = { listener, once };
    this.#subscriptions = [...this.#subscriptions, subscription];
    return () => this.#remove((each) => each === subscription);
  }

  removeListener(listener: ClientEventListener<Name>): void {
    this.#remove((each) => each.listener === listener);
  }

  #remove(isGone: (subscription: Subscription<Name>) => boolean): void {
    this.#subscriptions = this.#subscriptions.filter((each) => !isGone(each));
  }

  #attempt(call: () => unknown): void {
    try {
      const result = call();
      // An async function counts as a listener too, and its failure must not end the process.
      if (result instanceof Promise) result.catch((error) => this.#complain(error));
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    this.#logger.error(`A listener of "${this.#type}" threw: ${messageOf(error)}`);
  }
}

/** The events of one client. */
export class EventHub {
  readonly #sources: ReadonlyMap<ClientEventName, EventSource<ClientEventName>>;

  constructor(platform: Platform, clientId: string, logger: Logger) {
    this.#sources = new Map(
      CLIENT_EVENT_NAMES.map((name) => [
        name,
        new EventSource(name, clientId, logger, platform.diagnostics?.(`kafkawire:${name}`)),
      ]),
    );
  }

  /** Where events of that name come from: what happens often keeps it, so as not to look it up each time. */
  source<Name extends ClientEventName>(name: Name): EventSource<Name> {
    const source = this.#sources.get(name);
    if (source === undefined) {
      throw new ConfigError(
        `There is no event "${String(name)}": the events are ${CLIENT_EVENT_NAMES.join(", ")}`,
      );
    }
    return source as unknown as EventSource<Name>;
  }
}

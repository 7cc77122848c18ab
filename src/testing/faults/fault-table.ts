/** The faults of a cluster, and which of them strikes what. */

import type { RequestPart } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import type { LoggedRequest } from "../request-log.ts";
import type { TopicStore } from "../topics/topic-store.ts";
import { Fault, type FaultOptions } from "./fault.ts";
import { mentionsGroup, mentionsTopic } from "./mentions.ts";

export class FaultTable {
  readonly #topics: TopicStore;
  readonly #faults = new Set<Fault>();

  constructor(topics: TopicStore) {
    this.#topics = topics;
  }

  /** Sets a fault. @throws RangeError when it makes no sense. */
  add(options: FaultOptions): Fault {
    if (options.error !== undefined) errorNumber(options.error);
    const fault = new Fault(options, (removed) => this.#faults.delete(removed));
    this.#faults.add(fault);
    return fault;
  }

  /** The first fault that strikes the whole of the request; it counts as struck. Null for none. */
  strike(request: LoggedRequest): Fault | null {
    for (const fault of this.#faults) {
      const { options } = fault;
      if (isForParts(options) || !fits(options, request)) continue;
      if (options.topic !== undefined) {
        if (!mentionsTopic(request.body, options.topic, options.partition, this.#topics)) continue;
      }
      if (options.group !== undefined && !mentionsGroup(request.body, options.group)) continue;
      fault.hit();
      return fault;
    }
    return null;
  }

  /** The number of the error that a part of the request is to have; it counts as struck. 0 for none. */
  injected(request: LoggedRequest, part: RequestPart): number {
    for (const fault of this.#faults) {
      const { options } = fault;
      if (!isForParts(options) || !fits(options, request)) continue;
      if (options.topic !== undefined && options.topic !== part.topic) continue;
      if (options.partition !== undefined && part.partition !== undefined) {
        if (options.partition !== part.partition) continue;
      }
      if (options.group !== undefined && options.group !== part.group) continue;
      fault.hit();
      return errorNumber(options.error as string);
    }
    return NONE;
  }

  get isEmpty(): boolean {
    return this.#faults.size === 0;
  }
}

/** Whether it is an error for a part of requests, which the APIs ask for themselves. */
function isForParts({ error, topic, group }: FaultOptions): boolean {
  return error !== undefined && (topic !== undefined || group !== undefined);
}

function fits({ api, broker, clientId, when }: FaultOptions, request: LoggedRequest): boolean {
  if (api !== undefined && !(typeof api === "string" ? api === request.api : api.includes(request.api))) {
    return false;
  }
  if (broker !== undefined && broker !== request.broker) return false;
  if (clientId !== undefined && clientId !== request.clientId) return false;
  return when === undefined || when(request);
}

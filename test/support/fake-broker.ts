/** A broker that answers as the test says, over the project's own codecs; it keeps what it was asked. */

import { type Api, ApiVersions } from "../../src/client/api.ts";
import { codecFor } from "../../src/protocol/compile.ts";
import { FrameReader } from "../../src/protocol/frame.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../../src/protocol/header.ts";
import { messages } from "../../src/protocol/messages.ts";
import { Reader } from "../../src/protocol/reader.ts";
import type { Fields, Infer, InferInput, MessageSchema } from "../../src/protocol/schema.ts";
import type { VersionRange } from "../../src/protocol/versions.ts";
import { Writer } from "../../src/protocol/writer.ts";
import type { FakePeer } from "./fake-peer.ts";
import type { FakePlatform } from "./fake-platform.ts";

/** A request as the broker saw it. */
export interface FakeRequest<Body = unknown> {
  /** Kafka's name of the API, such as `Produce`. */
  readonly api: string;
  readonly version: number;
  readonly clientId: string | null;
  readonly correlationId: number;
  readonly body: Body;
  readonly peer: FakePeer;
  readonly atMs: number;
}

/** What an {@link Act} works with. */
interface Exchange {
  readonly request: FakeRequest;
  readonly platform: FakePlatform;
  /** The whole frame that answers with `body`. */
  readonly frame: (body: object) => Uint8Array;
  readonly answer: (reply: Reply<object>) => Promise<void>;
}

/** An answer other than a response. The connection's next request is looked at once it is done, as with Kafka. */
class Act {
  readonly run: (exchange: Exchange) => void | Promise<void>;

  constructor(run: (exchange: Exchange) => void | Promise<void>) {
    this.run = run;
  }
}

/** A response, something else to do, or undefined for what the broker does otherwise. */
export type Reply<Body> = Body | Act | undefined;

/** Never answers, neither this request nor a later one of the connection. */
export const silence = new Act(() => new Promise(() => {}));

/** Answers nothing to this request, but goes on with the next. */
export const noAnswer = new Act(() => {});

/** Closes the connection. */
export const hangUp = (error: Error | null = null): Act =>
  new Act(({ request }) => request.peer.close(error));

/** Sends these bytes, whatever they are. */
export const raw = (bytes: Uint8Array): Act => new Act(({ request }) => request.peer.send(bytes));

/** Answers later. */
export const later = (delayMs: number, reply: Reply<object>): Act =>
  new Act(async ({ platform, answer }) => {
    await new Promise<void>((resolve) => platform.clock.setTimer(delayMs, resolve, { background: true }));
    await answer(reply);
  });

/** Answers once `gate` is open. */
export const when = (gate: Promise<unknown>, reply: Reply<object>): Act =>
  new Act(async ({ answer }) => {
    await gate;
    await answer(reply);
  });

/** Sends only the first `length` bytes of the answer's frame, then closes. */
export const cutShort = (body: object, length: number): Act =>
  new Act(({ request, frame }) => {
    request.peer.send(frame(body).subarray(0, length));
    request.peer.close();
  });

/** Sends the answer's frame after `change` has had its way with it. */
export const altered = (body: object, change: (frame: Uint8Array) => Uint8Array): Act =>
  new Act(({ request, frame }) => request.peer.send(change(frame(body))));

type Handler = (request: FakeRequest<never>) => Reply<object> | Promise<Reply<object>>;

/** More requests than any test needs at one moment: a client asks again and again without a pause. */
const MOST_REQUESTS_AT_ONCE = 1000;

export class FakeBroker {
  /** `host:port`. */
  readonly address: string;
  /** Every request that came, in order. */
  readonly requests: FakeRequest[] = [];
  /** Versions that it serves, by API key. Default: those that the project knows. */
  readonly versions = new Map<number, VersionRange>();
  /** Sends answers a byte at a time. */
  byteByByte = false;
  readonly #platform: FakePlatform;
  readonly #handlers = new Map<number, Handler[]>();

  constructor(platform: FakePlatform, address: string) {
    this.#platform = platform;
    this.address = address;
    for (const { type, apiKey, validVersions } of messages.values()) {
      if (type === "request") this.versions.set(apiKey as number, validVersions);
    }
    this.handle(ApiVersions, () => this.apiVersions());
    this.start();
  }

  /** Listens. */
  start(): void {
    this.#platform.listeners.set(this.address, { accept: (peer) => this.#serve(peer) });
  }

  /** Stops listening and closes every connection. */
  stop(): void {
    this.#platform.listeners.delete(this.address);
    for (const { peer } of this.requests) peer.close();
  }

  /** Answers an API from now on; where the handler gives undefined, the one before it is asked. */
  handle<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    handler: (
      request: FakeRequest<Infer<MessageSchema<Request>>>,
    ) => Reply<InferInput<MessageSchema<Response>>> | Promise<Reply<InferInput<MessageSchema<Response>>>>,
  ): void {
    const handlers = this.#handlers.get(api.apiKey) ?? [];
    handlers.unshift(handler as Handler);
    this.#handlers.set(api.apiKey, handlers);
  }

  /** Answers the next requests of an API, one after another, and then as before. */
  script<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    ...replies: readonly (Reply<InferInput<MessageSchema<Response>>> & object)[]
  ): void {
    const left = [...replies];
    this.handle(api, () => left.shift());
  }

  /** The requests of one API. */
  of<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
  ): FakeRequest<Infer<MessageSchema<Request>>>[] {
    const name = api.request.name.replace(/Request$/, "");
    return this.requests.filter((request) => request.api === name) as FakeRequest<
      Infer<MessageSchema<Request>>
    >[];
  }

  /** What this broker says of its versions. */
  apiVersions(): InferInput<typeof ApiVersions.response> {
    const apiKeys = [...this.versions].map(([apiKey, { lowest, highest }]) => ({
      apiKey,
      minVersion: lowest,
      maxVersion: highest,
    }));
    return { apiKeys };
  }

  #serve(peer: FakePeer): void {
    peer.byteByByte = this.byteByByte;
    const frames = new FrameReader();
    let previous: Promise<void> = Promise.resolve();
    peer.onData = (bytes) => {
      for (const frame of frames.push(bytes)) {
        const exchange = this.#exchange(frame, peer);
        this.requests.push(exchange.request);
        const earlier = this.requests.at(-MOST_REQUESTS_AT_ONCE);
        if (earlier?.atMs === exchange.request.atMs) throw new Error(`Asked for ${earlier.api} without end`);
        previous = previous.then(() => (peer.isClosed ? undefined : exchange.answer(undefined)));
      }
    };
  }

  #exchange(frame: Uint8Array, peer: FakePeer): Exchange {
    const [apiKey, version] = [new DataView(frame.buffer, frame.byteOffset).getInt16(0), frame[3] as number];
    const schemas = [...messages.values()].filter((schema) => schema.apiKey === apiKey);
    const asked = schemas.find(({ type }) => type === "request") as MessageSchema;
    const answered = schemas.find(({ type }) => type === "response") as MessageSchema;
    const reader = new Reader(frame);
    const header = codecFor(RequestHeader, requestHeaderVersion(asked, version)).decode(reader);
    const request: FakeRequest = {
      api: asked.name.replace(/Request$/, ""),
      version,
      clientId: header.clientId,
      correlationId: header.correlationId,
      body: codecFor(asked, version).decode(reader),
      peer,
      atMs: this.#platform.clock.monotonicMs(),
    };
    reader.expectEnd();
    const exchange: Exchange = {
      request,
      platform: this.#platform,
      frame: (body) => responseFrame(answered, version, header.correlationId, body),
      answer: async (given) => {
        const reply = given ?? (await this.#reply(apiKey, request));
        if (reply instanceof Act) await reply.run(exchange);
        else peer.send(exchange.frame(reply));
      },
    };
    return exchange;
  }

  async #reply(apiKey: number, request: FakeRequest): Promise<object> {
    for (const handler of this.#handlers.get(apiKey) ?? []) {
      const reply = await handler(request as FakeRequest<never>);
      if (reply !== undefined) return reply;
    }
    throw new Error(`${this.address} has no answer to ${request.api}`);
  }
}

/** A response with its header and its size in front. */
export function responseFrame(
  schema: MessageSchema,
  version: number,
  correlationId: number,
  body: object,
): Uint8Array {
  const writer = new Writer();
  writer.int32(0);
  codecFor(ResponseHeader, responseHeaderVersion(schema, version)).encode(writer, { correlationId });
  codecFor(schema, version).encode(writer, body);
  const bytes = writer.toBytes();
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.byteLength - 4);
  return bytes;
}

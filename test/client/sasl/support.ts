import { type Api, Metadata, Produce } from "../../../src/client/api.ts";
import { Broker, type RequestOptions } from "../../../src/client/broker.ts";
import { Authenticator } from "../../../src/client/sasl/authenticator.ts";
import type { SaslSource } from "../../../src/client/sasl/sasl-options.ts";
import type { Fields } from "../../../src/protocol/schema.ts";
import { FakeBroker } from "../../support/fake-broker.ts";
import { brokerOptions, FakeLogger } from "../../support/fake-kafka.ts";
import { FakePlatform } from "../../support/fake-platform.ts";
import { FakeSasl, type FakeSaslOptions } from "../../support/fake-sasl.ts";

export const USER: SaslSource = {
  mechanism: "PLAIN",
  credentials: () => ({ username: "user", password: "pencil" }),
};

/** A client's broker that authenticates from `source`, and the broker itself, which answers with topic names. */
export function setUp(source: SaslSource = USER, options: FakeSaslOptions = {}) {
  const platform = new FakePlatform();
  const peer = new FakeBroker(platform, "b1:9092");
  peer.handle(Metadata, ({ body }) => ({ clusterId: body.topics?.[0]?.name ?? null }));
  const sasl = new FakeSasl(peer, platform, options);
  sasl.guard(Metadata as unknown as Api<Fields, Fields>, Produce as unknown as Api<Fields, Fields>);
  const logger = new FakeLogger();
  const authenticator = new Authenticator(source, { clock: platform.clock, logger });
  const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform, { logger, authenticator }));
  const ask = async (name = "a", send: Partial<RequestOptions> = {}): Promise<string | null> => {
    const request = { topics: [{ name }] };
    return (await broker.request(Metadata, request, { timeoutMs: 5000, ...send })).response.clusterId;
  };
  return { platform, peer, sasl, broker, ask, logger };
}

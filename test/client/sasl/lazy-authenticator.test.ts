import { expect, it } from "vitest";
import { Metadata } from "../../../src/client/api.ts";
import { Broker } from "../../../src/client/broker.ts";
import { lazyAuthenticator } from "../../../src/client/sasl/lazy-authenticator.ts";
import { FakeBroker } from "../../support/fake-broker.ts";
import { brokerOptions, FakeLogger } from "../../support/fake-kafka.ts";
import { FakePlatform } from "../../support/fake-platform.ts";
import { FakeSasl } from "../../support/fake-sasl.ts";

function setUp() {
  const platform = new FakePlatform();
  const peer = new FakeBroker(platform, "b1:9092");
  peer.handle(Metadata, () => ({ clusterId: "c" }));
  const sasl = new FakeSasl(peer, platform);
  const logger = new FakeLogger();
  const asked: string[] = [];
  const credentials = () => {
    asked.push("user");
    return { username: "user", password: "pencil" };
  };
  const authenticator = lazyAuthenticator(
    { source: { mechanism: "PLAIN", credentials }, warnings: ["the password goes without TLS"] },
    { clock: platform.clock, logger },
  );
  const broker = (): Broker =>
    new Broker({ host: "b1", port: 9092 }, brokerOptions(platform, { logger, authenticator }));
  return { platform, sasl, logger, asked, authenticator, broker };
}

it("says what is to be said of the settings before anything is connected", () => {
  const { logger, asked } = setUp();
  expect(logger.lines).toEqual(["warn the password goes without TLS"]);
  expect(asked).toEqual([]);
});

it("authenticates connections that are opened at once, and later ones", async () => {
  const { sasl, asked, broker } = setUp();
  const ask = async (one: Broker) =>
    (await one.request(Metadata, {}, { timeoutMs: 5000 })).response.clusterId;
  const brokers = [broker(), broker()];
  expect(await Promise.all(brokers.map(ask))).toEqual(["c", "c"]);
  const last = broker();
  expect(await ask(last)).toBe("c");
  expect([...sasl.authentications.values()]).toEqual([1, 1, 1]);
  expect(asked).toHaveLength(3);
  for (const one of [...brokers, last]) one.close(new Error("done"));
});

it("is given up while it is loaded", async () => {
  const { authenticator, asked } = setUp();
  const given = new AbortController();
  const authenticating = authenticator.authenticate({} as never, {} as never, 1000, given.signal);
  given.abort(new Error("closed meanwhile"));
  await expect(authenticating).rejects.toThrow("closed meanwhile");
  expect(asked).toEqual([]);
});

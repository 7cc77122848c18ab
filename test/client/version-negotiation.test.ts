import { describe, expect, it } from "vitest";
import { type Api, ApiVersions, Fetch, Produce } from "../../src/client/api.ts";
import { Connection } from "../../src/client/connection.ts";
import { commonVersion, negotiateVersions } from "../../src/client/version-negotiation.ts";
import { KafkaError } from "../../src/protocol/errors.ts";
import type { Fields } from "../../src/protocol/schema.ts";
import { FakeBroker, raw, responseFrame, silence } from "../support/fake-broker.ts";
import { connectionOptions } from "../support/fake-kafka.ts";
import { FakePlatform } from "../support/fake-platform.ts";

const UNSUPPORTED_VERSION = 35;

function setUp() {
  const platform = new FakePlatform();
  const broker = new FakeBroker(platform, "b1:9092");
  const negotiate = async () => {
    const connection = await Connection.open({ host: "b1", port: 9092 }, connectionOptions(platform));
    return negotiateVersions(connection, { name: "kafkawire", version: "1.2" }, 1000);
  };
  const versions = (): number[] => broker.of(ApiVersions).map(({ version }) => version);
  return { platform, broker, negotiate, versions };
}

/** A broker that knows ApiVersions up to `highest`, and refuses later ones as KIP-511 has it. */
function refuseAbove(broker: FakeBroker, highest: number, tellsRange: boolean): void {
  broker.handle(ApiVersions, ({ version, correlationId }) => {
    if (version <= highest) return undefined;
    const apiKeys = tellsRange ? [{ apiKey: 18, minVersion: 0, maxVersion: highest }] : [];
    const refusal = { errorCode: UNSUPPORTED_VERSION, apiKeys };
    return raw(responseFrame(ApiVersions.response, 0, correlationId, refusal));
  });
}

describe("negotiateVersions", () => {
  it("asks in the highest version, and says who we are", async () => {
    const { platform, broker, negotiate, versions } = setUp();
    const found = await platform.run(negotiate());
    expect(versions()).toEqual([5]);
    expect(found.versions.get(Fetch.apiKey)).toEqual(Fetch.request.validVersions);
    expect(broker.of(ApiVersions)[0]?.body).toMatchObject({
      clientSoftwareName: "kafkawire",
      clientSoftwareVersion: "1.2",
    });
  });

  it.each([
    ["says which versions it knows", 3, true, [5, 3]],
    ["knows version 0 only", 0, true, [5, 0]],
    ["does not say which it knows", 2, false, [5, 0]],
  ] as const)("asks again where the broker refuses and %s", async (_, highest, tellsRange, asked) => {
    const { platform, broker, negotiate, versions } = setUp();
    refuseAbove(broker, highest, tellsRange);
    const found = await platform.run(negotiate());
    expect(versions()).toEqual(asked);
    expect(found.versions.get(Produce.apiKey)).toEqual(Produce.request.validVersions);
  });

  it("gives up after the second refusal", async () => {
    const { platform, broker, negotiate, versions } = setUp();
    refuseAbove(broker, -1, true);
    expect(await platform.failure(negotiate())).toMatchObject({
      name: "BrokerError",
      code: "UNSUPPORTED_VERSION",
      broker: "b1:9092",
      api: "ApiVersions",
      retriable: false,
    });
    expect(versions()).toEqual([5, 0]);
  });

  it("takes a refusal that claims to know all our versions for one that knows fewer", async () => {
    const { platform, broker, negotiate, versions } = setUp();
    broker.handle(ApiVersions, ({ version, correlationId }) => {
      if (version < 5) return undefined;
      const apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 99 }];
      return raw(
        responseFrame(ApiVersions.response, 0, correlationId, { errorCode: UNSUPPORTED_VERSION, apiKeys }),
      );
    });
    await platform.run(negotiate());
    expect(versions()).toEqual([5, 4]);
  });

  it.each([
    [41, "NOT_CONTROLLER", true],
    [42, "INVALID_REQUEST", false],
    [9999, "UNKNOWN_SERVER_ERROR", false],
  ])("reports the error code %i", async (errorCode, code, retriable) => {
    const { platform, broker, negotiate } = setUp();
    broker.handle(ApiVersions, () => ({ errorCode }));
    expect(await platform.failure(negotiate())).toMatchObject({ errorCode, code, retriable });
  });

  it("keeps the features that the cluster has agreed on (KIP-584)", async () => {
    const { platform, broker, negotiate } = setUp();
    const told = {
      finalizedFeaturesEpoch: 7n,
      finalizedFeatures: [{ name: "transaction.version", maxVersionLevel: 2, minVersionLevel: 0 }],
    };
    broker.handle(ApiVersions, () => ({ ...broker.apiVersions(), ...told }));
    expect((await platform.run(negotiate())).features).toEqual({
      epoch: 7n,
      levels: new Map([["transaction.version", 2]]),
    });
    broker.handle(ApiVersions, () => broker.apiVersions());
    expect((await platform.run(negotiate())).features).toEqual({ epoch: -1n, levels: new Map() });
  });

  it("has a deadline", async () => {
    const { platform, broker, negotiate } = setUp();
    broker.handle(ApiVersions, () => silence);
    expect(await platform.failure(negotiate(), 1000)).toMatchObject({ code: "REQUEST_TIMED_OUT" });
  });
});

describe("commonVersion", () => {
  const theirs = (lowest: number, highest: number) => new Map([[Fetch.apiKey, { lowest, highest }]]);
  const choose = (lowest: number, highest: number, limit?: number): number =>
    commonVersion("b1:9092", theirs(lowest, highest), Fetch as unknown as Api<Fields, Fields>, limit);

  it.each([
    ["the broker's highest", 0, 11, undefined, 11],
    ["our highest", 4, 99, undefined, Fetch.request.validVersions.highest],
    ["the caller's limit", 4, 99, 12, 12],
    ["the only one", 4, 4, undefined, 4],
    ["our lowest", 0, 4, 4, 4],
  ])("is at most %s", (_, lowest, highest, limit, version) => {
    expect(choose(lowest, highest, limit)).toBe(version);
  });

  it.each([
    ["too old", 0, 3, undefined, "it serves versions 0-3, and this client knows versions 4-18. Use a broker"],
    ["too new", 90, 99, undefined, "it serves versions 90-99"],
    ["above the limit", 13, 18, 12, "knows versions 4-18 and needs at most 12 here"],
  ])("is an error where the broker is %s", (_, lowest, highest, limit, message) => {
    expect(() => choose(lowest, highest, limit)).toThrow(message);
  });

  it("is an error where the broker does not serve the API", () => {
    const act = (): number =>
      commonVersion("b1:9092", theirs(0, 9), Produce as unknown as Api<Fields, Fields>);
    expect(act).toThrow(KafkaError);
    expect(act).toThrow("Produce cannot be used with broker b1:9092: it does not serve it");
  });
});

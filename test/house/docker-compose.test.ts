import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { DEFAULT_KAFKA_VERSION } from "../../scripts/kafka/versions.ts";
import { COMPOSE_BOOTSTRAP } from "../support/machine.ts";

interface Service {
  readonly image: string;
  readonly hostname: string;
  readonly ports: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly healthcheck: { readonly test: readonly string[] };
}

const file = fileURLToPath(new URL("../../docker-compose.yml", import.meta.url));
const compose = parse(readFileSync(file, "utf8"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const services = Object.entries(compose.services);

/** `NAME://host:port,...` as a map from listener name to `host:port`. */
function listeners(text: string | number | undefined): Map<string, string> {
  return new Map(
    String(text)
      .split(",")
      .map((listener) => listener.split("://") as [string, string]),
  );
}

describe("docker-compose.yml", () => {
  it("has three brokers of the version that the tests use", () => {
    expect(services).toHaveLength(3);
    for (const [, service] of services) {
      expect(service.image).toBe(`apache/kafka:${DEFAULT_KAFKA_VERSION}`);
      expect(service.environment["KAFKA_PROCESS_ROLES"]).toBe("broker,controller");
      expect(service.healthcheck.test[0]).toBe("CMD");
    }
  });

  it("gives each node an id of its own and all of them one cluster", () => {
    const ids = services.map(([, service]) => service.environment["KAFKA_NODE_ID"]);
    expect(new Set(ids).size).toBe(3);
    const clusterIds = new Set(services.map(([, service]) => service.environment["CLUSTER_ID"]));
    expect(clusterIds.size).toBe(1);
    expect([...clusterIds][0]).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it("has every node and no other vote in the quorum, at its controller listener", () => {
    const voters = services.map(([name, { environment }]) => {
      const port = listeners(environment["KAFKA_LISTENERS"]).get("CONTROLLER")?.split(":").at(-1);
      return `${environment["KAFKA_NODE_ID"]}@${name}:${port}`;
    });
    for (const [, { environment }] of services) {
      expect(environment["KAFKA_CONTROLLER_QUORUM_VOTERS"]).toBe(voters.join(","));
    }
  });

  it("advertises to the host what it publishes, on loopback alone", () => {
    const published = services.map(([name, { hostname, ports, environment }]) => {
      const [, address, inside] = /^(127\.0\.0\.1:\d+):(\d+)$/.exec(ports.join()) ?? [];
      const advertised = listeners(environment["KAFKA_ADVERTISED_LISTENERS"]);
      expect(advertised.get("HOST")).toBe(address);
      expect(listeners(environment["KAFKA_LISTENERS"]).get("HOST")).toBe(`:${inside}`);
      expect(advertised.get("INTERNAL")).toBe(`${name}:9092`);
      expect(hostname).toBe(name);
      return address;
    });
    expect(published).toEqual(COMPOSE_BOOTSTRAP);
  });

  it("maps every listener that it names to a protocol", () => {
    for (const [, { environment }] of services) {
      const mapped = String(environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"])
        .split(",")
        .map((entry) => entry.split(":")[0]);
      const { KAFKA_LISTENERS, KAFKA_INTER_BROKER_LISTENER_NAME, KAFKA_CONTROLLER_LISTENER_NAMES } =
        environment;
      expect(mapped.sort()).toEqual([...listeners(KAFKA_LISTENERS).keys()].sort());
      expect(mapped).toContain(KAFKA_INTER_BROKER_LISTENER_NAME);
      expect(mapped).toContain(KAFKA_CONTROLLER_LISTENER_NAMES);
    }
  });
});

import { expect, it } from "vitest";
import { commonRebalanceProtocol } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { ASSIGNOR_NAMES } from "../../../src/group/assignors/names.ts";

it("are found by their names on the wire and by those of Kafka's classes", () => {
  expect(ASSIGNOR_NAMES).toHaveLength(8);
  expect(new Set(ASSIGNOR_NAMES.map((name) => builtInAssignor(name)?.name))).toEqual(
    new Set(["range", "roundrobin", "sticky", "cooperative-sticky"]),
  );
  for (const name of ["", "Range", "round-robin", "toString", "org.apache.kafka.clients.consumer.Consumer"]) {
    expect(builtInAssignor(name)).toBeNull();
  }
});

it("are made anew for each consumer", () => {
  const [one, other] = [builtInAssignor("sticky"), builtInAssignor("sticky")];
  one?.assigned?.({ partitions: new Map([["t", [0]]]) }, 1);
  expect(one?.userData?.(["t"])).not.toBeNull();
  expect(other?.userData?.(["t"])).toBeNull();
});

it("let a consumer rebalance cooperatively only if all of its assignors can", () => {
  const protocol = (...names: string[]) =>
    commonRebalanceProtocol(names.flatMap((name) => builtInAssignor(name) ?? []));
  expect(protocol("cooperative-sticky")).toBe("cooperative");
  expect(protocol("range", "cooperative-sticky")).toBe("eager");
  expect(protocol("sticky")).toBe("eager");
});

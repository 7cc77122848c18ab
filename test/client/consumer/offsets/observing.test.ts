import { expect, it } from "vitest";
import { OffsetCommit } from "../../../../src/client/api.ts";
import { CommitError } from "../../../../src/client/consumer/offsets/commit-error.ts";
import type { ClientEvent } from "../../../../src/client/observe/events.ts";
import { later } from "../../../support/fake-broker.ts";
import { at, setUp } from "./support.ts";

const COORDINATOR_LOAD_IN_PROGRESS = 14;
const TOPIC_AUTHORIZATION_FAILED = 29;

async function observed() {
  const under = await setUp();
  const { events } = under.cluster.observability;
  const committed: ClientEvent<"offsets:committed">[] = [];
  const failed: ClientEvent<"offsets:commit-failed">[] = [];
  events.source("offsets:committed").add((event) => committed.push(event), false);
  events.source("offsets:commit-failed").add((event) => failed.push(event), false);
  const counters = () => {
    const { commits, commitsFailed, offsetsCommitted } = under.cluster.observability.snapshot().consumer;
    return { commits, commitsFailed, offsetsCommitted };
  };
  return { ...under, events: { committed, failed }, counters };
}

it("what was stored is told by request, with the time that it took", async () => {
  const { platform, commit, events, counters, fake, offsets } = await observed();
  fake.broker(1).handle(OffsetCommit, ({ body, version }) => later(30, offsets.take(1, body, version)));
  await platform.run(Promise.all([commit([at(5n), at(6n, 1)]), commit([at(7n)])]));
  expect(events.committed).toMatchObject([
    {
      groupId: "g",
      latencyMs: 30,
      partitions: [
        { topic: "t", partition: 0, offset: 7n },
        { topic: "t", partition: 1, offset: 6n },
      ],
    },
  ]);
  expect(events.failed).toEqual([]);
  expect(counters()).toEqual({ commits: 2, commitsFailed: 0, offsetsCommitted: 2 });
});

it("a commit that fails is told with what failed of it", async () => {
  const { platform, commit, events, counters, offsets } = await observed();
  offsets.refused.set("t-1", TOPIC_AUTHORIZATION_FAILED);
  const failure = await platform.failure(commit([at(5n), at(6n, 1)]));
  expect(failure).toBeInstanceOf(CommitError);
  expect(events.failed).toMatchObject([
    { groupId: "g", error: failure, partitions: [{ topic: "t", partition: 1, offset: 6n }] },
  ]);
  expect(events.committed).toMatchObject([{ partitions: [{ partition: 0 }] }]);
  expect(counters()).toEqual({ commits: 0, commitsFailed: 1, offsetsCommitted: 1 });
});

it("a commit that is aborted is told with its reason", async () => {
  const { platform, commit, events, offsets } = await observed();
  offsets.groupError = COORDINATOR_LOAD_IN_PROGRESS;
  const abort = new AbortController();
  const aborted = commit([at(5n)], 20_000, abort.signal);
  await platform.clock.advance(500);
  const reason = new Error("enough");
  abort.abort(reason);
  await platform.failure(aborted);
  expect(events.failed).toMatchObject([
    { error: reason, latencyMs: 500, partitions: [{ partition: 0, offset: 5n }] },
  ]);
});

it("while a commit or a question waits, the client says for what, and why", async () => {
  const { platform, commit, committed, cluster, offsets } = await observed();
  offsets.groupError = COORDINATOR_LOAD_IN_PROGRESS;
  const both = Promise.all([commit([at(5n), at(6n, 1)]), committed([{ topic: "t", partition: 0 }])]);
  await platform.clock.advance(500);
  const waits = cluster.observability.waits.list();
  expect(waits).toContainEqual(
    expect.objectContaining({
      waitingFor: '2 offsets of group "g" to be committed',
      ageMs: 500,
      deadlineInMs: 19_500,
      inTheWay: expect.stringContaining("COORDINATOR_LOAD_IN_PROGRESS"),
    }),
  );
  expect(waits).toContainEqual(
    expect.objectContaining({ waitingFor: 'committed offsets of group "g"', deadlineInMs: 19_500 }),
  );
  offsets.groupError = 0;
  await platform.run(both);
  expect(cluster.observability.waits.list()).toEqual([]);
});

/**
 * Producers that have written nothing for `producer.id.expiration.ms` are forgotten, as each partition knows them
 * (before 2.8: for `transactional.id.expiration.ms`). What they send then is taken as that of new ones, whatever its
 * sequence.
 */

import type { ClusterState } from "../cluster-state.ts";

/** Looks for them again and again until the clock stops. */
export function forgetProducers(cluster: ClusterState): void {
  const { clock, configs } = cluster;
  const ofOwn = "producer.id.expiration.ms";
  const name = configs.brokerDefinitions.has(ofOwn) ? ofOwn : "transactional.id.expiration.ms";
  const look = (): void => {
    const since = clock.wallMs() - configs.number(name);
    for (const { log } of cluster.topics.partitions()) log.producers.forgetSince(since);
    plan();
  };
  const plan = (): void =>
    void clock.setTimer(configs.number("producer.id.expiration.check.interval.ms"), look, {
      background: true,
    });
  plan();
}

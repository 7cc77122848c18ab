/** Broker properties for groups whose members come, go and are killed in a test's time. */
export const QUICK_GROUPS = {
  "group.min.session.timeout.ms": "1000",
  // Of KIP-848, where the brokers decide: members hear of changes with their next heartbeat.
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.session.timeout.ms": "6000",
  "group.consumer.min.heartbeat.interval.ms": "100",
  "group.consumer.heartbeat.interval.ms": "500",
} as const;

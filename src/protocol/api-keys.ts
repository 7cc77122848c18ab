/** In the order of their numbers: there are no gaps. LeaderAndIsr to ControlledShutdown ended with Kafka 4.0. */
const NAMES = [
  "Produce", // 0
  "Fetch",
  "ListOffsets",
  "Metadata",
  "LeaderAndIsr",
  "StopReplica",
  "UpdateMetadata",
  "ControlledShutdown",
  "OffsetCommit",
  "OffsetFetch",
  "FindCoordinator", // 10
  "JoinGroup",
  "Heartbeat",
  "LeaveGroup",
  "SyncGroup",
  "DescribeGroups",
  "ListGroups",
  "SaslHandshake",
  "ApiVersions",
  "CreateTopics",
  "DeleteTopics", // 20
  "DeleteRecords",
  "InitProducerId",
  "OffsetForLeaderEpoch",
  "AddPartitionsToTxn",
  "AddOffsetsToTxn",
  "EndTxn",
  "WriteTxnMarkers",
  "TxnOffsetCommit",
  "DescribeAcls",
  "CreateAcls", // 30
  "DeleteAcls",
  "DescribeConfigs",
  "AlterConfigs",
  "AlterReplicaLogDirs",
  "DescribeLogDirs",
  "SaslAuthenticate",
  "CreatePartitions",
  "CreateDelegationToken",
  "RenewDelegationToken",
  "ExpireDelegationToken", // 40
  "DescribeDelegationToken",
  "DeleteGroups",
  "ElectLeaders",
  "IncrementalAlterConfigs",
  "AlterPartitionReassignments",
  "ListPartitionReassignments",
  "OffsetDelete",
  "DescribeClientQuotas",
  "AlterClientQuotas",
  "DescribeUserScramCredentials", // 50
  "AlterUserScramCredentials",
  "Vote",
  "BeginQuorumEpoch",
  "EndQuorumEpoch",
  "DescribeQuorum",
  "AlterPartition",
  "UpdateFeatures",
  "Envelope",
  "FetchSnapshot",
  "DescribeCluster", // 60
  "DescribeProducers",
  "BrokerRegistration",
  "BrokerHeartbeat",
  "UnregisterBroker",
  "DescribeTransactions",
  "ListTransactions",
  "AllocateProducerIds",
  "ConsumerGroupHeartbeat",
  "ConsumerGroupDescribe",
  "ControllerRegistration", // 70
  "GetTelemetrySubscriptions",
  "PushTelemetry",
  "AssignReplicasToDirs",
  "ListConfigResources",
  "DescribeTopicPartitions",
  "ShareGroupHeartbeat",
  "ShareGroupDescribe",
  "ShareFetch",
  "ShareAcknowledge",
  "AddRaftVoter", // 80
  "RemoveRaftVoter",
  "UpdateRaftVoter",
  "InitializeShareGroupState",
  "ReadShareGroupState",
  "WriteShareGroupState",
  "DeleteShareGroupState",
  "ReadShareGroupStateSummary",
  "StreamsGroupHeartbeat",
  "StreamsGroupDescribe",
  "DescribeShareGroupOffsets", // 90
  "AlterShareGroupOffsets",
  "DeleteShareGroupOffsets",
  "StreamsGroupTopologyDescriptionUpdate",
  "UnregisterController",
];

/** Kafka's APIs by number. */
export const apiNames: ReadonlyMap<number, string> = new Map(NAMES.map((name, apiKey) => [apiKey, name]));

/** The name of an API, or its number where a newer broker made it up. */
export function apiName(apiKey: number): string {
  return apiNames.get(apiKey) ?? `API ${apiKey}`;
}

/**
 * Which versions of which APIs each release of Kafka serves to clients, as its brokers advertise them; what only brokers
 * and controllers say to each other is left out. "none" stands for an API that a release does not have, or has not
 * finished.
 */

import { parseVersions, type VersionRange } from "../protocol/versions.ts";
import { type Release, releases } from "./releases.ts";

const TABLE = `
API                                    2.1    3.9    4.0    4.1    4.4
Produce                                0-7    0-11   3-12   3-13   3-13
Fetch                                  0-10   0-17   4-17   4-18   4-18
ListOffsets                            0-4    0-9    1-10   1-10   1-11
Metadata                               0-7    0-12   0-13   0-13   0-13
OffsetCommit                           0-6    0-9    2-9    2-9    2-10
OffsetFetch                            0-5    0-9    1-9    1-9    1-10
FindCoordinator                        0-2    0-6    0-6    0-6    0-6
JoinGroup                              0-3    0-9    0-9    0-9    0-9
Heartbeat                              0-2    0-4    0-4    0-4    0-4
LeaveGroup                             0-2    0-5    0-5    0-5    0-5
SyncGroup                              0-2    0-5    0-5    0-5    0-5
DescribeGroups                         0-2    0-5    0-6    0-6    0-6
ListGroups                             0-2    0-5    0-5    0-5    0-5
SaslHandshake                          0-1    0-1    0-1    0-1    0-1
ApiVersions                            0-2    0-4    0-4    0-4    0-5
CreateTopics                           0-3    0-7    2-7    2-7    2-7
DeleteTopics                           0-3    0-6    1-6    1-6    1-6
DeleteRecords                          0-1    0-2    0-2    0-2    0-2
InitProducerId                         0-1    0-5    0-5    0-5    0-5
OffsetForLeaderEpoch                   0-2    0-4    2-4    2-4    2-4
AddPartitionsToTxn                     0-1    0-5    0-5    0-5    0-5
AddOffsetsToTxn                        0-1    0-4    0-4    0-4    0-4
EndTxn                                 0-1    0-4    0-5    0-5    0-5
WriteTxnMarkers                        0      0-1    1      1      1-2
TxnOffsetCommit                        0-2    0-4    0-5    0-5    0-6
DescribeAcls                           0-1    0-3    1-3    1-3    1-3
CreateAcls                             0-1    0-3    1-3    1-3    1-3
DeleteAcls                             0-1    0-3    1-3    1-3    1-3
DescribeConfigs                        0-2    0-4    1-4    1-4    1-4
AlterConfigs                           0-1    0-2    0-2    0-2    0-2
AlterReplicaLogDirs                    0-1    0-2    1-2    1-2    1-2
DescribeLogDirs                        0-1    0-4    1-4    1-4    1-5
SaslAuthenticate                       0      0-2    0-2    0-2    0-2
CreatePartitions                       0-1    0-3    0-3    0-3    0-3
CreateDelegationToken                  0-1    0-3    1-3    1-3    1-3
RenewDelegationToken                   0-1    0-2    1-2    1-2    1-2
ExpireDelegationToken                  0-1    0-2    1-2    1-2    1-2
DescribeDelegationToken                0-1    0-3    1-3    1-3    1-3
DeleteGroups                           0-1    0-2    0-2    0-2    0-3
ElectLeaders                           none   0-2    0-2    0-2    0-2
IncrementalAlterConfigs                none   0-1    0-1    0-1    0-1
AlterPartitionReassignments            none   0      0      0-1    0-1
ListPartitionReassignments             none   0      0      0      0
OffsetDelete                           none   0      0      0      0
DescribeClientQuotas                   none   0-1    0-1    0-1    0-1
AlterClientQuotas                      none   0-1    0-1    0-1    0-1
DescribeUserScramCredentials           none   0      0      0      0
AlterUserScramCredentials              none   0      0      0      0
DescribeQuorum                         none   0-2    0-2    0-2    0-2
UpdateFeatures                         none   0-1    0-2    0-2    0-2
DescribeCluster                        none   0-1    0-2    0-2    0-2
DescribeProducers                      none   0      0      0      0
UnregisterBroker                       none   0      0      0      0
DescribeTransactions                   none   0      0      0      0
ListTransactions                       none   0-1    0-1    0-2    0-2
ConsumerGroupHeartbeat                 none   0      0-1    0-1    0-1
ConsumerGroupDescribe                  none   0      0-1    0-1    0-1
GetTelemetrySubscriptions              none   0      0      0      0
PushTelemetry                          none   0      0      0      0
ListConfigResources                    none   0      0      0-1    0-1
DescribeTopicPartitions                none   0      0      0      0
ShareGroupHeartbeat                    none   none   none   1      1
ShareGroupDescribe                     none   none   none   1      1
ShareFetch                             none   none   none   1      1-2
ShareAcknowledge                       none   none   none   1      1-2
AddRaftVoter                           none   0      0      0      0-1
RemoveRaftVoter                        none   0      0      0      0
UpdateRaftVoter                        none   0      0      0      0
StreamsGroupHeartbeat                  none   none   none   none   0-1
StreamsGroupDescribe                   none   none   none   none   0-1
DescribeShareGroupOffsets              none   none   none   0      0-1
AlterShareGroupOffsets                 none   none   none   0      0
DeleteShareGroupOffsets                none   none   none   0      0
StreamsGroupTopologyDescriptionUpdate  none   none   none   none   0
`;

const rows: readonly (readonly string[])[] = TABLE.trim()
  .split("\n")
  .map((line) => line.split(/ +/));

/** The ranges of a release by Kafka's name of the API. */
export function versionsOf(release: Release): ReadonlyMap<string, VersionRange> {
  const column = releases.indexOf(release) + 1;
  return new Map(rows.slice(1).map((row) => [row[0] as string, parseVersions(row[column] as string)]));
}

/** An API as ApiVersions tells of it. */
export interface AdvertisedVersions {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

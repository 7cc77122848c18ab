import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AlterReplicaLogDirsRequest = request({
  apiKey: 34,
  name: "AlterReplicaLogDirsRequest",
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    dirs: field(
      "0+",
      array(
        struct("AlterReplicaLogDir", {
          path: field("0+", string),
          topics: field(
            "0+",
            array(
              struct("AlterReplicaLogDirTopic", {
                name: field("0+", string),
                partitions: field("0+", array(int32)),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterReplicaLogDirsRequest = Infer<typeof AlterReplicaLogDirsRequest>;

export const AlterReplicaLogDirsResponse = response({
  apiKey: 34,
  name: "AlterReplicaLogDirsResponse",
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("AlterReplicaLogDirTopicResult", {
          topicName: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("AlterReplicaLogDirPartitionResult", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterReplicaLogDirsResponse = Infer<typeof AlterReplicaLogDirsResponse>;

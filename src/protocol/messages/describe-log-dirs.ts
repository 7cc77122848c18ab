import { bool, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeLogDirsRequest = request({
  apiKey: 35,
  name: "DescribeLogDirsRequest",
  validVersions: "1-5",
  flexibleVersions: "2+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("DescribableLogDirTopic", {
          topic: field("0+", string),
          partitions: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeLogDirsRequest = Infer<typeof DescribeLogDirsRequest>;

export const DescribeLogDirsResponse = response({
  apiKey: 35,
  name: "DescribeLogDirsResponse",
  validVersions: "1-5",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("3+", int16, { ignorable: true }),
    results: field(
      "0+",
      array(
        struct("DescribeLogDirsResult", {
          errorCode: field("0+", int16),
          logDir: field("0+", string),
          topics: field(
            "0+",
            array(
              struct("DescribeLogDirsTopic", {
                name: field("0+", string),
                partitions: field(
                  "0+",
                  array(
                    struct("DescribeLogDirsPartition", {
                      partitionIndex: field("0+", int32),
                      partitionSize: field("0+", int64),
                      offsetLag: field("0+", int64),
                      isFutureKey: field("0+", bool),
                    }),
                  ),
                ),
              }),
            ),
          ),
          totalBytes: field("4+", int64, { default: -1n, ignorable: true }),
          usableBytes: field("4+", int64, { default: -1n, ignorable: true }),
          isCordoned: field("5+", bool, { ignorable: true }),
        }),
      ),
    ),
  },
});
export type DescribeLogDirsResponse = Infer<typeof DescribeLogDirsResponse>;

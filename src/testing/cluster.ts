/**
 * A cluster as the APIs see it: its state, and those who decide what happens to it. Requests change it one after
 * another, each as a whole; what takes time is a `Pending` answer, woken by `waits` or by the clock.
 *
 * Who owns what: `topics/` the topics, their partitions and who leads them; `log/` what is in a partition; `config/`
 * what was configured; `coordinator/` groups and transactions; `security/` who may do what.
 */

import { ClusterState, type ClusterStateOptions } from "./cluster-state.ts";
import { ConsumerGroups } from "./coordinator/consumer/consumer-groups.ts";
import { CoordinatorTopics } from "./coordinator/coordinator-topics.ts";
import { GroupCoordinator } from "./coordinator/group-coordinator.ts";
import { type ForWriting, LogCleaner } from "./log/cleaner.ts";
import { ClientQuotas } from "./quota/client-quotas.ts";
import { AclAuthorizer, type AuthorizerOptions } from "./security/acl-authorizer.ts";
import { type Authorizer, allowEverything } from "./security/authorizer.ts";
import { type SaslOptions, SaslServer } from "./security/sasl/sasl-server.ts";
import { Reassignments } from "./topics/reassignments.ts";
import { Replication } from "./topics/replication.ts";
import { TopicManager } from "./topics/topic-manager.ts";
import { TransactionCoordinator } from "./transactions/transaction-coordinator.ts";
import type { AdvertisedVersions } from "./version-table.ts";

export interface ClusterOptions extends ClusterStateOptions {
  /** What ApiVersions tells. */
  readonly advertised: readonly AdvertisedVersions[];
  /** Codecs for what compaction leaves of compressed batches; null where there is none. */
  readonly forWriting: ForWriting;
  readonly sasl: SaslOptions;
  /** Null for none. */
  readonly authorizer: AuthorizerOptions | null;
}

export class Cluster extends ClusterState {
  readonly replication: Replication;
  readonly reassignments: Reassignments;
  readonly topicManager: TopicManager;
  readonly cleaner: LogCleaner;
  /** Where groups and transactions are kept, and so which broker coordinates them. */
  readonly coordinators: CoordinatorTopics;
  /** The groups and their offsets. */
  readonly groups: GroupCoordinator;
  /** Those of the consumer protocol. */
  readonly consumerGroups: ConsumerGroups;
  /** The transactional ids and their transactions. */
  readonly transactions: TransactionCoordinator;
  /** Who can log in, and how. */
  readonly sasl: SaslServer;
  /** Who may use how much, and what was used. */
  readonly quotas: ClientQuotas;
  /** Who may do what. */
  authorizer: Authorizer = allowEverything;
  /** The same with its access control lists; null where there are none. */
  readonly acls: AclAuthorizer | null;

  /** What ApiVersions tells. */
  readonly advertised: readonly AdvertisedVersions[];

  constructor(options: ClusterOptions) {
    super(options);
    this.advertised = options.advertised;
    this.sasl = new SaslServer(options.sasl, options.configs, options.clock);
    this.quotas = new ClientQuotas(options.clock, options.configs);
    this.acls = options.authorizer === null ? null : new AclAuthorizer(options.authorizer);
    if (this.acls !== null) this.authorizer = this.acls;
    this.replication = new Replication(this);
    this.reassignments = new Reassignments(this, this.replication);
    this.cleaner = new LogCleaner(this, options.forWriting);
    this.topicManager = new TopicManager(this, this.replication);
    this.coordinators = new CoordinatorTopics(this, this.topicManager);
    this.groups = new GroupCoordinator(this, this.coordinators);
    this.consumerGroups = new ConsumerGroups(this, this.groups);
    this.transactions = new TransactionCoordinator(
      this,
      this.coordinators,
      (partition, producerId, isCommit) =>
        this.groups.offsets.endTransaction(partition.index, producerId, isCommit),
    );
  }

  /** Has the coordinators read what their topics say: groups and offsets, then transactions. */
  loadCoordinators(): void {
    for (const partition of this.topics.get(this.coordinators.nameOf("group"))?.partitions ?? []) {
      this.groups.load(partition);
    }
    for (const partition of this.topics.get(this.coordinators.nameOf("transaction"))?.partitions ?? []) {
      this.transactions.load(partition);
    }
  }
}

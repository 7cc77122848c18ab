/** As whom a consumer reads: with member and generation, one whose partitions have moved on is refused (KIP-447). */
export interface ConsumerGroupMetadata {
  readonly groupId: string;
  /** Generation of the group, or epoch of the member in the newer protocol. Default: `-1`, for no check. */
  readonly generationId?: number | undefined;
  /** Default: `""`, for no check. */
  readonly memberId?: string | undefined;
  /** `group.instance.id` of a static member. Default: none. */
  readonly groupInstanceId?: string | null | undefined;
}

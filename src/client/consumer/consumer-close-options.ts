import type { CloseOptions } from "../close-options.ts";

/** What closing a consumer takes. */
export interface ConsumerCloseOptions extends CloseOptions {
  /**
   * Whether the group shall forget the member at once, or keep its partitions for it until its session ends (KIP-1092).
   * Default: `"default"`, which leaves, but for static members, which come back under their name.
   */
  readonly groupMembership?: "default" | "leave" | "remain";
}

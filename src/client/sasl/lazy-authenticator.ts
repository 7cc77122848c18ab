import { orAborted } from "../retry.ts";
import type { Authenticator, AuthenticatorOptions } from "./authenticator.ts";
import type { ResolvedSasl } from "./sasl-options.ts";

/**
 * An {@link Authenticator} that is loaded with the first connection: clients without SASL, which are most where a
 * bundle's size counts, never load the mechanisms.
 */
export function lazyAuthenticator(
  { source, warnings }: ResolvedSasl,
  options: AuthenticatorOptions,
): Pick<Authenticator, "authenticate"> {
  for (const warning of warnings) options.logger.warn(warning);
  let loading: Promise<Authenticator> | null = null;
  const load = async (): Promise<Authenticator> => {
    try {
      const { Authenticator: Loaded } = await import("./authenticator.ts");
      return new Loaded(source, options);
    } catch (error) {
      // A part of a bundle may come over a network: the next connection tries again.
      loading = null;
      throw error;
    }
  };
  return {
    authenticate: async (connection, versions, timeoutMs, signal) => {
      loading ??= load();
      const authenticator = await orAborted(loading, signal);
      await authenticator.authenticate(connection, versions, timeoutMs, signal);
    },
  };
}

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KafkaRunnerError } from "./errors.ts";
import { run } from "./process.ts";
import { findOnPath, INSTALL_OPENSSL } from "./tools.ts";

export interface TlsFiles {
  /** The certificate authority's certificate, which clients must trust. */
  readonly caFile: string;
  readonly caPem: string;
  /** Private key and certificate chain in one PEM file, as Kafka's PEM keystore wants it. */
  readonly keystoreFile: string;
}

/** A configuration of our own, since the system's differs between OpenSSL's versions and LibreSSL. */
const OPENSSL_CONFIG = `[req]
distinguished_name = name
prompt = no
[name]
CN = kafkawire test
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
`;

/** Makes a certificate authority and a server certificate for localhost, both good for a month. */
export async function createTlsFiles(directory: string, signal?: AbortSignal): Promise<TlsFiles> {
  const openssl = findOnPath("openssl");
  if (openssl === undefined) {
    throw new KafkaRunnerError(
      `openssl was not found on PATH; it makes the certificates of a sasl_ssl cluster: ${INSTALL_OPENSSL}`,
    );
  }
  const path = (name: string) => join(directory, name);
  const call = async (...args: string[]) => {
    const { code, stderr } = await run(openssl, args, { cwd: directory, signal, timeoutMs: 60_000 });
    if (code !== 0) {
      throw new KafkaRunnerError(`openssl ${args[0]} failed with exit code ${code}:\n${stderr.trim()}`);
    }
  };
  const newKey = (file: string) =>
    call("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", file);

  await writeFile(path("openssl.cnf"), OPENSSL_CONFIG);
  const config = ["-config", "openssl.cnf"];
  const month = ["-days", "30"];
  await newKey("ca.key");
  await call(
    ...["req", "-new", "-x509", ...config, "-extensions", "ca", "-subj", "/CN=kafkawire test CA"],
    ...[...month, "-key", "ca.key", "-out", "ca.pem"],
  );
  await newKey("server.key");
  await call("req", "-new", ...config, "-subj", "/CN=localhost", "-key", "server.key", "-out", "server.csr");
  await call(
    ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "1"],
    ...[...month, "-extfile", "openssl.cnf", "-extensions", "server", "-out", "server.pem"],
  );
  const caPem = await readFile(path("ca.pem"), "utf8");
  const key = await readFile(path("server.key"), "utf8");
  const certificate = await readFile(path("server.pem"), "utf8");
  await writeFile(path("keystore.pem"), `${key}${certificate}${caPem}`, { mode: 0o600 });
  return { caFile: path("ca.pem"), caPem, keystoreFile: path("keystore.pem") };
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/kafka/process.ts";
import { findOnPath, INSTALL_OPENSSL } from "../../scripts/kafka/tools.ts";

export interface CertificateOptions {
  /** Whom it is for. Default: localhost and 127.0.0.1. */
  readonly subjectAltName?: string;
  /** How long it is good from now on; it has expired where that is negative. Default: 30. */
  readonly days?: number;
}

/** A certificate with its private key, and for Kafka both with their authority in one file. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly keystoreFile: string;
}

/** Makes certificates for tests, in a directory that is gone afterwards. */
export class CertificateMaker implements AsyncDisposable {
  readonly #directory: string;
  readonly #openssl: string;
  #count = 0;

  private constructor(directory: string, openssl: string) {
    this.#directory = directory;
    this.#openssl = openssl;
  }

  static async open(): Promise<CertificateMaker> {
    const openssl = findOnPath("openssl");
    if (openssl === undefined) throw new Error(`openssl was not found on PATH: ${INSTALL_OPENSSL}`);
    return new CertificateMaker(await mkdtemp(join(tmpdir(), "kafkawire-certificates-")), openssl);
  }

  /** A certificate authority. */
  async authority(name: string): Promise<Authority> {
    const key = await this.newKey();
    const file = this.newFile();
    const config = await this.write(
      `[req]\ndistinguished_name = name\nprompt = no\nx509_extensions = ca\n[name]\nCN = ${name}\n[ca]\n` +
        "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n",
    );
    await this.call("req", "-new", "-x509", "-config", config, "-days", "30", "-key", key, "-out", file);
    return new Authority(this, file, key, await readFile(file, "utf8"));
  }

  /** @internal */
  newFile(): string {
    this.#count++;
    return join(this.#directory, `${this.#count}.pem`);
  }

  /** @internal */
  async newKey(): Promise<string> {
    const file = this.newFile();
    await this.call(
      ...["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", file],
    );
    return file;
  }

  /** @internal */
  async write(text: string): Promise<string> {
    const file = this.newFile();
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }

  /** @internal */
  async call(...args: string[]): Promise<void> {
    const { code, stderr } = await run(this.#openssl, args, { timeoutMs: 60_000 });
    if (code !== 0) throw new Error(`openssl ${args[0]} failed with exit code ${code}:\n${stderr.trim()}`);
  }

  /** The same key, encrypted. */
  async encrypt(key: string, password: string): Promise<string> {
    const file = this.newFile();
    const plain = await this.write(key);
    await this.call(
      "pkcs8",
      "-topk8",
      "-v2",
      "aes-256-cbc",
      "-in",
      plain,
      "-passout",
      `pass:${password}`,
      "-out",
      file,
    );
    return readFile(file, "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export class Authority {
  /** Its own certificate. */
  readonly ca: string;
  /** The same in a file. */
  readonly file: string;
  readonly #maker: CertificateMaker;
  readonly #key: string;

  constructor(maker: CertificateMaker, file: string, key: string, ca: string) {
    this.#maker = maker;
    this.file = file;
    this.#key = key;
    this.ca = ca;
  }

  /** Signs a certificate for a server or a client. */
  async certificate(options: CertificateOptions = {}): Promise<Certificate> {
    const { subjectAltName = "DNS:localhost, IP:127.0.0.1", days = 30 } = options;
    const maker = this.#maker;
    const keyFile = await maker.newKey();
    const config = await maker.write(
      "[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = kafkawire test\n[leaf]\n" +
        `basicConstraints = critical, CA:FALSE\nsubjectAltName = ${subjectAltName}\n`,
    );
    const request = maker.newFile();
    await maker.call("req", "-new", "-config", config, "-key", keyFile, "-out", request);
    const file = maker.newFile();
    await maker.call(
      ...["x509", "-req", "-in", request, "-CA", this.file, "-CAkey", this.#key, "-set_serial", "1"],
      ...["-days", String(days), "-extfile", config, "-extensions", "leaf", "-out", file],
    );
    const [key, cert] = [await readFile(keyFile, "utf8"), await readFile(file, "utf8")];
    return { key, cert, keystoreFile: await maker.write(`${key}${cert}${this.ca}`) };
  }
}

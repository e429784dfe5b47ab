import { execa } from "execa";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes certificates with the `openssl` of the machine, in `folder`. All texts are PEM. */
export class CertificateAuthority {
  readonly #folder: string;
  readonly #name: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  static async create(folder: string, name: string): Promise<CertificateAuthority> {
    await openssl(
      folder,
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.crt`,
    );
    await writeFile(join(folder, `${name}.index`), "");
    return new CertificateAuthority(folder, name);
  }

  /** The certificate of the authority itself. */
  get cert(): Promise<string> {
    return readFile(join(this.#folder, `${this.#name}.crt`), "utf8");
  }

  /** `names` as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`; none: the common name counts. */
  async issue(
    name: string,
    options: { commonName: string; names?: string; hasExpired?: boolean },
  ): Promise<Certificate> {
    const request = `-keyout ${name}.key -out ${name}.csr -subj /CN=${options.commonName}`;
    await openssl(
      this.#folder,
      `req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ${request}`,
    );
    const extensions = options.names
      ? `subjectAltName=${options.names}\n`
      : "basicConstraints=CA:FALSE\n";
    const from = "20200101000000Z";
    const to = options.hasExpired ? "20200102000000Z" : "20990101000000Z";
    await writeFile(join(this.#folder, `${name}.cnf`), this.#configuration(extensions));
    await openssl(
      this.#folder,
      `ca -batch -notext -config ${name}.cnf -startdate ${from} -enddate ${to} -in ${name}.csr -out ${name}.crt`,
    );
    return this.#read(name);
  }

  async #read(name: string): Promise<Certificate> {
    const [cert, key] = await Promise.all(
      [".crt", ".key"].map((end) => readFile(join(this.#folder, name + end), "utf8")),
    );
    return { cert: cert!, key: key! };
  }

  #configuration(extensions: string): string {
    return `[ca]
default_ca = this
[this]
database = ${this.#name}.index
new_certs_dir = .
certificate = ${this.#name}.crt
private_key = ${this.#name}.key
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
${extensions}`;
  }
}

/** A certificate nobody signed but itself. */
export async function selfSigned(folder: string, commonName: string): Promise<Certificate> {
  const names = `-subj /CN=${commonName} -addext subjectAltName=DNS:${commonName}`;
  await openssl(
    folder,
    `req -x509 -newkey rsa:2048 -nodes -days 2 ${names} -keyout self.key -out self.crt`,
  );
  const [cert, key] = await Promise.all(
    ["self.crt", "self.key"].map((name) => readFile(join(folder, name), "utf8")),
  );
  return { cert: cert!, key: key! };
}

/** The key, encrypted with a passphrase. */
export async function encryptKey(folder: string, key: string, passphrase: string): Promise<string> {
  const { stdout } = await execa("openssl", ["pkcs8", "-topk8", "-passout", `pass:${passphrase}`], {
    cwd: folder,
    input: key,
  });
  return `${stdout}\n`;
}

/** `command` is cut at spaces. */
const openssl = (folder: string, command: string) =>
  execa("openssl", command.split(" "), { cwd: folder });

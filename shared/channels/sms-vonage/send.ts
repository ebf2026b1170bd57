import { createPrivateKey, type KeyObject, randomUUID, sign } from "node:crypto";
import type { SendOutcome } from "../../domain/outcome.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { outcomeOf } from "../../http/send-outcome.ts";
import type { Http } from "../../ports.ts";
import type { Account, ProviderRequest } from "../connector.ts";
import { errors } from "./errors.ts";
import type { Secrets, Settings } from "./settings.ts";

/** One request. A success only says that Vonage accepted it: what fails later comes as a status. */
export async function send(
  request: ProviderRequest,
  account: Account<Settings, Secrets>,
  http: Http,
): Promise<SendOutcome> {
  const access = accessOf(account);
  if (!access.ok) return { kind: "unavailable", detail: access.detail };
  const answer = await http({ ...request, headers: { ...request.headers, authorization: access.authorization } });
  return outcomeOf(answer, { idIn: ({ message_uuid }) => message_uuid, errorIn, errors });
}

type Access = { ok: true; authorization: string } | { ok: false; detail: string };

function accessOf({ settings: { apiKey, applicationId }, secrets }: Account<Settings, Secrets>): Access {
  if (applicationId === undefined) {
    const [secret] = everyKey(secrets.apiSecret);
    if (!secret) return { ok: false, detail: "no API secret is set for this account" };
    return { ok: true, authorization: `Basic ${Buffer.from(`${apiKey}:${secret}`).toString("base64")}` };
  }
  const [pem] = everyKey(secrets.privateKey);
  const key = pem === undefined ? undefined : keyIn(pem);
  if (!key) return { ok: false, detail: "no private key of the application is set, or it is no PEM of an RSA key" };
  return { ok: true, authorization: `Bearer ${token(applicationId, key)}` };
}

const TOKEN_SECONDS = 300;

/** https://developer.vonage.com/en/getting-started/concepts/authentication: RS256, a fresh one for every request. */
function token(applicationId: string, key: KeyObject): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { application_id: applicationId, iat, exp: iat + TOKEN_SECONDS, jti: randomUUID() };
  const signed = [{ typ: "JWT", alg: "RS256" }, claims].map(base64url).join(".");
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/** A PEM that was pasted into one line has `\n` for its line ends. */
function keyIn(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem.replaceAll("\\n", "\n"));
    return key.asymmetricKeyType === "rsa" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A problem document; its type ends in the code. */
function errorIn(body: Record<string, unknown>): { codes: string[]; words?: string } | undefined {
  const { type, title, detail } = body;
  const [, code] = /#([\w-]+)$/.exec(typeof type === "string" ? type : "") ?? [];
  if (code === undefined) return undefined;
  const words = [detail, title].find((one) => typeof one === "string" && one !== "");
  return { codes: [code], ...(typeof words === "string" && { words }) };
}

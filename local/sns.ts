/** SNS's three calls that the local run makes, signed by hand: no client of the SDK is worth that. */
import aws4 from "aws4";
import type { Credentials } from "./gateway/signature.ts";

export interface AwsAccess {
  region: string;
  endpoint: string;
  credentials: Credentials;
}

export interface SignedForm {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** A POST to SNS. `headers` are signed too. */
export function signedForm(
  { region, endpoint, credentials }: AwsAccess,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): SignedForm {
  const body = new URLSearchParams(form).toString();
  const { host } = new URL(endpoint);
  const request = {
    service: "sns",
    region,
    method: "POST",
    path: "/",
    host,
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body,
  };
  const signed = aws4.sign(request, credentials).headers ?? {};
  // These two are the connection's own; they come out as they were signed.
  const kept = Object.entries(signed).filter(([name]) => !/^(host|content-length)$/i.test(name));
  return { url: endpoint, headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])), body };
}

/** Makes the topic, FIFO by its name, where it is not there. @throws Error with AWS's own words when it is refused */
export async function createTopic(access: AwsAccess, TopicArn: string): Promise<void> {
  await call(access, { Action: "CreateTopic", Name: TopicArn.slice(TopicArn.lastIndexOf(":") + 1) });
}

/** @throws Error as `createTopic` */
export async function subscribe(
  access: AwsAccess,
  TopicArn: string,
  { queueArn: Endpoint, isRaw }: { queueArn: string; isRaw: boolean },
): Promise<void> {
  const raw = { "Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true" };
  await call(access, { Action: "Subscribe", TopicArn, Protocol: "sqs", Endpoint, ...(isRaw && raw) });
}

async function call(access: AwsAccess, form: Readonly<Record<string, string>>): Promise<void> {
  const { url, headers, body } = signedForm(access, form);
  const response = await fetch(url, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`${form.Action} was refused: ${await response.text()}`);
}

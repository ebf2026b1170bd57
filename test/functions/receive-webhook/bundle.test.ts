/** The receiver as it is deployed: one minified file per connector, spoken to by a function URL, speaking to AWS. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LambdaFunctionURLEvent } from "aws-lambda";
import { buildSync } from "esbuild";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { connectors } from "../../../shared/channels/registry.ts";
import { type AwsCall, awsServer, batchAnswer } from "../../aws/aws-server.ts";
import { type ConnectorName, fixturesOf, SAMPLE, TOPICS, webhook } from "../../contracts/provider.ts";

const NAMES = Object.keys(connectors) as ConnectorName[];
const folder = mkdtempSync(join(tmpdir(), "recado-bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

type Handler = (event: unknown, context: object) => Promise<unknown>;

function bundled(name: ConnectorName): { code: string; inputs: string[] } {
  const channel = `./shared/channels/${name}`;
  const contents = [
    `import * as verify from "${channel}/verify.ts";`,
    `import { parse } from "${channel}/parse.ts";`,
    `import { createHandler } from "./functions/receive-webhook/${TOPICS[name] ? "notification-handler" : "handler"}.ts";`,
    `export const handler = createHandler({ ...verify, parse }, "${name}", "${connectors[name].channel}");`,
  ].join("\n");
  const { outputFiles, metafile } = buildSync({
    stdin: { contents, resolveDir: fileURLToPath(new URL("../../..", import.meta.url)), loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    legalComments: "none",
  });
  return { code: outputFiles[0]?.text ?? "", inputs: Object.keys(metafile.inputs) };
}

describe.each(NAMES)("the receiver of %s", (name) => {
  const { code, inputs } = bundled(name);

  it("is at most 60 KiB, and carries neither the SDK, nor the large zod, nor another connector", () => {
    expect(Buffer.byteLength(code)).toBeLessThanOrEqual(60 * 1024);
    const others = NAMES.filter((other) => other !== name).map((other) => `shared/channels/${other}/`);
    const unwanted = ["@aws-sdk", "zod/v4/classic", "/settings.ts", "/render.ts", "/send.ts", ...others];
    expect(inputs.filter((input) => unwanted.some((part) => input.includes(part)))).toEqual([]);
  });

  it("takes what is genuine once it is queued, and nothing else", async () => {
    for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
    const account = SAMPLE[name];
    const aws = await awsServer((call) => answerOf(call, account));
    const handler = started(name, code, aws.env);
    try {
      for (const fixture of fixturesOf(name)) {
        const request = webhook(name, fixture);
        if (TOPICS[name]) {
          expect(await handler(batchOf(request), {})).toEqual({ batchItemFailures: [] });
          continue;
        }
        const event = eventOf(request);
        expect(await handler(event, {})).toMatchObject({ statusCode: 200 });
        expect(await handler({ ...event, headers: {} }, {})).toMatchObject({ statusCode: 401, body: "" });
      }
      const queued = aws.calls.filter(({ service }) => service === "sqs");
      const bodies = queued.flatMap(({ body }) =>
        (JSON.parse(body) as { Entries: { MessageBody: string }[] }).Entries.map(({ MessageBody }) => MessageBody),
      );
      const entries = bodies.flatMap((body) => (JSON.parse(body) as { items?: unknown[] }).items ?? [body]);
      const told = fixturesOf(name).flatMap(({ parsed }) => parsed.filter((one) => one.account !== undefined));
      expect(entries.length).toBeGreaterThanOrEqual(new Set(told.map(({ subject }) => subject)).size);
      expect(aws.calls.filter(({ service }) => service === "ssm")).toHaveLength(1);
    } finally {
      await aws.close();
    }
  });
});

it("brings back the notification that AWS itself is at fault for, and no other of its batch", async () => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
  // What cannot be read is kept in the bucket first, and the bucket is not there.
  const aws = await awsServer((call) =>
    call.service === "s3" ? { status: 500, body: "" } : answerOf(call, SAMPLE["sms-aws"]),
  );
  const handler = started("sms-aws", bundled("sms-aws").code, aws.env);
  const [genuine] = fixturesOf("sms-aws").filter((fixture) => fixture.name === "text");
  const requests = [webhook("sms-aws", genuine ?? { body: "" }), webhook("sms-aws", { body: "not JSON" })];
  try {
    expect(await handler(batchOf(...requests), {})).toEqual({ batchItemFailures: [{ itemIdentifier: "message 1" }] });
    expect(aws.calls.filter(({ service }) => service === "sqs")).toHaveLength(1);
  } finally {
    await aws.close();
  }
});

let starts = 0;

/** As Lambda starts it: its own file, its own variables. */
function started(name: ConnectorName, code: string, env: Readonly<Record<string, string>>): Handler {
  const file = join(folder, `${name}-${starts++}.cjs`);
  writeFileSync(file, code);
  const { name: account, settings } = SAMPLE[name];
  const variables = {
    ...env,
    ACCOUNTS: JSON.stringify([{ name: account, settings }]),
    SECRETS_PATH: "/recado/dev",
    MAILBOX_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/conversations.fifo",
    BUCKET: "bucket",
    JOIN_BY_NUMBER: "true",
    TOPIC_ARN: TOPICS[name] ?? "",
  };
  for (const [variable, value] of Object.entries(variables)) vi.stubEnv(variable, value);
  return (createRequire(import.meta.url)(file) as { handler: Handler }).handler;
}

/** What the poller hands over of a standard queue. */
function batchOf(...requests: ReturnType<typeof webhook>[]) {
  const Records = requests.map(({ body }, index) => ({
    messageId: `message ${index}`,
    body: Buffer.from(body).toString("utf8"),
    attributes: { ApproximateReceiveCount: "1" },
  }));
  return { Records };
}

function answerOf({ service, body }: AwsCall, account: { name: string; secrets: unknown }) {
  if (service === "sqs") return batchAnswer(body);
  const documents = { deployment: { idSecret: "the secret of this deployment" }, [account.name]: account.secrets };
  const Parameters = Object.entries(documents).map(([document, value]) => ({
    Name: `/recado/dev/${document}`,
    Value: JSON.stringify(value),
  }));
  return { status: 200, body: service === "ssm" ? JSON.stringify({ Parameters }) : "" };
}

/** A function URL's event: text bodies as they are, others in base64. */
function eventOf(request: ReturnType<typeof webhook>): Partial<LambdaFunctionURLEvent> {
  const { hostname, pathname, search } = new URL(request.url);
  const isJson = request.headers["content-type"] === "application/json";
  const http = {
    method: request.method,
    path: pathname,
    protocol: "HTTP/1.1",
    sourceIp: "192.0.2.1",
    userAgent: "test",
  };
  return {
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { ...request.headers },
    requestContext: { domainName: hostname, http } as LambdaFunctionURLEvent["requestContext"],
    body: Buffer.from(request.body).toString(isJson ? "utf8" : "base64"),
    isBase64Encoded: !isJson,
  };
}

import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type FrontRoutes, openFront } from "../../../local/front/front.ts";
import { ACCOUNT_ID, functionResources, load, REGION, type Resources, startLambda } from "./tiny-stack.ts";

const ECHO = "exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });";
const bundles = { Hook: ECHO, Api: ECHO };

const permission = (properties: Record<string, unknown>) => ({
  Type: "AWS::Lambda::Permission",
  Properties: properties,
});

const hook: Resources = {
  ...functionResources("Hook"),
  HookUrl: {
    Type: "AWS::Lambda::Url",
    Properties: { AuthType: "NONE", TargetFunctionArn: { "Fn::GetAtt": ["Hook", "Arn"] } },
  },
  MayCallUrl: permission({
    Action: "lambda:InvokeFunctionUrl",
    FunctionName: { Ref: "Hook" },
    FunctionUrlAuthType: "NONE",
    Principal: "*",
  }),
  MayInvoke: permission({
    Action: "lambda:InvokeFunction",
    FunctionName: { Ref: "Hook" },
    InvokedViaFunctionUrl: true,
    Principal: "*",
  }),
};

const route = (RouteKey: string) => ({
  Type: "AWS::ApiGatewayV2::Route",
  Properties: {
    ApiId: { Ref: "Http" },
    RouteKey,
    Target: { "Fn::Join": ["", ["integrations/", { Ref: "Integration" }]] },
  },
});

const api: Resources = {
  ...functionResources("Api"),
  Http: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } },
  Stage: {
    Type: "AWS::ApiGatewayV2::Stage",
    Properties: {
      ApiId: { Ref: "Http" },
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 2, ThrottlingBurstLimit: 3 },
    },
  },
  Integration: {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      ApiId: { Ref: "Http" },
      IntegrationType: "AWS_PROXY",
      IntegrationUri: { "Fn::GetAtt": ["Api", "Arn"] },
      PayloadFormatVersion: "2.0",
    },
  },
  Everything: route("ANY /v1/{proxy+}"),
  Health: route("GET /healthz"),
  Send: route("POST /v1/conversations/{id}/messages"),
  MayCallApi: permission({
    Action: "lambda:InvokeFunction",
    FunctionName: { "Fn::GetAtt": ["Api", "Arn"] },
    Principal: "apigateway.amazonaws.com",
    SourceArn: {
      "Fn::Join": [
        "",
        ["arn:", { Ref: "AWS::Partition" }, `:execute-api:${REGION}:${ACCOUNT_ID}:`, { Ref: "Http" }, "/*/*"],
      ],
    },
  }),
};

const Outputs = {
  Hook: { Value: { "Fn::Join": ["", [{ "Fn::GetAtt": ["HookUrl", "FunctionUrl"] }, "webhooks/sms-twilio"]] } },
};

async function serve(
  changes: {
    without?: string;
    replace?: Resources;
    bundles?: Record<string, string>;
    routes?: Partial<FrontRoutes>;
  } = {},
) {
  const resources = { ...hook, ...api, ...changes.replace };
  const Resources = Object.fromEntries(
    Object.entries(resources).filter(([logicalId]) => logicalId !== changes.without),
  );
  const { stack, loaded } = await load({ Resources, Outputs }, { bundles: { ...bundles, ...changes.bundles } });
  const lambda = startLambda(stack);
  const front = await openFront(0);
  onTestFinished(() => front.close());
  const clock = { now: 1_790_000_000_000 };
  front.serve({
    region: REGION,
    accountId: ACCOUNT_ID,
    publicUrl: "https://recado.example",
    lambda,
    functionUrls: stack.functionUrls.flatMap((url) =>
      (loaded.functionUrlPaths.get(url.logicalId) ?? []).map((path) => ({ ...url, path })),
    ),
    httpApis: stack.httpApis,
    simulators: {},
    schedules: { names: [], runNow: async () => ({ ok: false, answers: [] }) },
    now: () => clock.now,
    ...changes.routes,
  });
  return { front, clock };
}

describe("a function URL", () => {
  it("gives the function payload format 2.0, as it came over the wire", async () => {
    const { front } = await serve();
    const answer = await fetch(`${front.url}/webhooks/sms-twilio/status/a%20b?a=1&b=x%20y&a=2`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Hub-Signature-256": "sha256=00", cookie: "one=1; two=2" },
      body: '{"text":"Olá ✅"}',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toEqual({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/webhooks/sms-twilio/status/a%20b",
      rawQueryString: "a=1&b=x%20y&a=2",
      queryStringParameters: { a: "1,2", b: "x y" },
      cookies: ["one=1", "two=2"],
      headers: expect.objectContaining({
        "content-type": "application/json",
        "content-length": "19",
        "x-hub-signature-256": "sha256=00",
        "x-forwarded-proto": "https",
        "x-forwarded-port": "443",
        "x-forwarded-for": "127.0.0.1",
      }),
      requestContext: {
        accountId: "anonymous",
        apiId: "hookurl",
        domainName: "recado.example",
        domainPrefix: "recado",
        http: {
          method: "POST",
          path: "/webhooks/sms-twilio/status/a%20b",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "node",
        },
        requestId: expect.any(String),
        routeKey: "$default",
        stage: "$default",
        time: "21/Sep/2026:14:13:20 +0000",
        timeEpoch: 1_790_000_000_000,
      },
      body: '{"text":"Olá ✅"}',
      isBase64Encoded: false,
    });
  });

  it("carries a form and other bytes in base64, and no body at all as none", async () => {
    const { front } = await serve();
    const post = async (contentType: string, body: string | Buffer) =>
      (
        await fetch(`${front.url}/webhooks/sms-twilio`, {
          method: "POST",
          headers: { "content-type": contentType },
          body,
        })
      ).json();
    expect(await post("application/x-www-form-urlencoded", "Body=Ol%C3%A1")).toMatchObject({
      body: Buffer.from("Body=Ol%C3%A1").toString("base64"),
      isBase64Encoded: true,
    });
    expect(await post("application/octet-stream", Buffer.from([0, 255]))).toMatchObject({
      body: "AP8=",
      isBase64Encoded: true,
    });
    const none = await (await fetch(`${front.url}/webhooks/sms-twilio`)).json();
    expect(none).toMatchObject({ isBase64Encoded: false });
    expect(none).not.toHaveProperty("body");
    expect(none).not.toHaveProperty("queryStringParameters");
  });

  it.each(["MayCallUrl", "MayInvoke"])("answers 403 where the permission %s is missing", async (without) => {
    const { front } = await serve({ without });
    const answer = await fetch(`${front.url}/webhooks/sms-twilio`, { method: "POST", body: "{}" });
    expect([answer.status, await answer.json()]).toEqual([403, { Message: "Forbidden" }]);
  });

  it("answers as the function says: status, headers, cookies, bytes", async () => {
    const { front } = await serve({
      bundles: {
        Hook: `exports.handler = async () => ({
          statusCode: 201, headers: { "X-One": 1, "content-type": "image/png" }, cookies: ["a=1", "b=2"],
          body: "AP8=", isBase64Encoded: true });`,
      },
    });
    const answer = await fetch(`${front.url}/webhooks/sms-twilio`);
    expect([answer.status, answer.headers.get("x-one"), answer.headers.get("content-type")]).toEqual([
      201,
      "1",
      "image/png",
    ]);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 255]);
  });

  it.each([
    ["throws", "throw new Error('secret detail')"],
    ["gives no valid response", "return { statusCode: 'yes' }"],
  ])("answers 502, without a detail, where the function %s", async (_, body) => {
    const { front } = await serve({ bundles: { Hook: `exports.handler = async () => { ${body} };` } });
    const answer = await fetch(`${front.url}/webhooks/sms-twilio`);
    expect([answer.status, await answer.text()]).toEqual([502, '{"Message":"Internal Server Error"}']);
  });

  it("refuses a request of more than 6 MB by its length, without waiting for the rest", async () => {
    const { front } = await serve();
    const status = await new Promise((resolve, reject) => {
      const sending = httpRequest(`${front.url}/webhooks/sms-twilio`, {
        method: "POST",
        headers: { "content-type": "application/json", "content-length": 7 * 1024 * 1024 },
      });
      sending.on("response", ({ statusCode }) => resolve(statusCode)).on("error", reject);
      sending.write("{");
      onTestFinished(() => void sending.destroy());
    });
    expect(status).toBe(413);
  });

  it("refuses a request that grows over 6 MB without having said so", async () => {
    const { front } = await serve();
    const status = await new Promise((resolve, reject) => {
      const sending = httpRequest(`${front.url}/webhooks/sms-twilio`, { method: "POST" });
      sending.on("response", ({ statusCode }) => resolve(statusCode)).on("error", reject);
      for (let megabyte = 0; megabyte < 7; megabyte++) sending.write(Buffer.alloc(1024 * 1024));
      onTestFinished(() => void sending.destroy());
    });
    expect(status).toBe(413);
  });

  it("lets in 500 requests at once and 500 a second, and answers 429 above", async () => {
    const { front, clock } = await serve({ bundles: { Hook: "exports.handler = async () => 'ok';" } });
    const statuses = async (count: number) =>
      Promise.all(Array.from({ length: count }, async () => (await fetch(`${front.url}/webhooks/sms-twilio`)).status));
    const first = await statuses(510);
    expect(first.filter((status) => status === 200)).toHaveLength(500);
    expect(first.filter((status) => status === 429)).toHaveLength(10);
    clock.now += 10;
    expect((await statuses(6)).filter((status) => status === 200)).toHaveLength(5);
  });
});

describe("an HTTP API", () => {
  it("takes the most specific route and gives its key and parameters to the function", async () => {
    const { front } = await serve();
    const send = await fetch(`${front.url}/v1/conversations/conv%20a/messages?dryRun=true`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(await send.json()).toMatchObject({
      version: "2.0",
      routeKey: "POST /v1/conversations/{id}/messages",
      rawPath: "/v1/conversations/conv%20a/messages",
      rawQueryString: "dryRun=true",
      pathParameters: { id: "conv a" },
      requestContext: {
        accountId: ACCOUNT_ID,
        apiId: "Http",
        routeKey: "POST /v1/conversations/{id}/messages",
        stage: "$default",
      },
      body: "{}",
    });
    const list = await fetch(`${front.url}/v1/conversations/conv_a/messages`);
    expect(await list.json()).toMatchObject({
      routeKey: "ANY /v1/{proxy+}",
      pathParameters: { proxy: "conversations/conv_a/messages" },
    });
  });

  it.each(["/", "/v1", "/v2/messages", "/webhooks/unknown", "/webhooks/sms-twilioX"])(
    "answers 404 at %s",
    async (path) => {
      const { front } = await serve();
      const answer = await fetch(`${front.url}${path}`);
      expect([answer.status, await answer.json()]).toEqual([404, { message: "Not Found" }]);
    },
  );

  it("refuses above the rate and the burst of its stage, and lets in again after a while", async () => {
    const { front, clock } = await serve();
    const get = async () => (await fetch(`${front.url}/v1/conversations`)).status;
    expect([await get(), await get(), await get()]).toEqual([200, 200, 200]);
    const refused = await fetch(`${front.url}/v1/conversations`);
    expect([refused.status, await refused.json()]).toEqual([429, { message: "Too Many Requests" }]);
    clock.now += 500;
    expect([await get(), await get()]).toEqual([200, 429]);
  });

  it.each([
    ["is missing", { without: "MayCallApi" }],
    [
      "is for another API",
      {
        replace: {
          MayCallApi: permission({
            Action: "lambda:InvokeFunction",
            FunctionName: { Ref: "Api" },
            Principal: "apigateway.amazonaws.com",
            SourceArn: `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:Other/*/*`,
          }),
        },
      },
    ],
  ])("answers 500 where the permission to invoke its function %s", async (_, changes) => {
    const { front } = await serve(changes);
    const answer = await fetch(`${front.url}/v1/conversations`);
    expect([answer.status, await answer.json()]).toEqual([500, { message: "Internal Server Error" }]);
  });
});

describe("the front", () => {
  it("says 503 at /healthz until all is up, then what the API says there", async () => {
    const front = await openFront(0);
    onTestFinished(() => front.close());
    expect((await fetch(`${front.url}/healthz`)).status).toBe(503);
    const { front: serving } = await serve();
    const answer = await fetch(`${serving.url}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ routeKey: "GET /healthz" });
  });

  it("says in a sentence that its port is taken", async () => {
    const front = await openFront(0);
    onTestFinished(() => front.close());
    await expect(openFront(front.port)).rejects.toThrow(`Port ${front.port} is taken by another program`);
  });

  it("passes what is below /_simulators/<name>/ on to the simulator's own server", async () => {
    const { front: simulator } = await serve();
    const { front } = await serve({ routes: { simulators: { graph: simulator.url } } });
    const answer = await fetch(`${front.url}/_simulators/graph/webhooks/sms-twilio?a=1`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"to":"it"}',
    });
    expect(await answer.json()).toMatchObject({
      rawPath: "/webhooks/sms-twilio",
      rawQueryString: "a=1",
      body: '{"to":"it"}',
    });
  });

  it("goes on after a sender that left in the middle of its request", async () => {
    const { front } = await serve();
    await new Promise<void>((resolve) => {
      const socket = connect(front.port, "127.0.0.1", () => {
        socket.write("POST /webhooks/sms-twilio HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
        socket.destroySoon();
      });
      socket.on("close", () => resolve());
    });
    expect((await fetch(`${front.url}/healthz`)).status).toBe(200);
  });
});

describe("the schedules", () => {
  it("are listed, and run by name", async () => {
    const ran: string[] = [];
    const schedules = {
      names: ["hourly", "broken"],
      async runNow(name: string) {
        ran.push(name);
        return { ok: name === "hourly", answers: [{ count: 1 }] };
      },
    };
    const { front } = await serve({ routes: { schedules } });
    const ask = async (method: string, path: string) => {
      const answer = await fetch(`${front.url}/_schedules${path}`, { method });
      return [answer.status, await answer.json()];
    };
    expect(await ask("GET", "")).toEqual([200, { data: ["hourly", "broken"] }]);
    expect(await ask("POST", "/hourly")).toEqual([200, { answers: [{ count: 1 }] }]);
    expect(await ask("POST", "/broken")).toEqual([502, { answers: [{ count: 1 }] }]);
    expect((await ask("POST", "/unknown"))[0]).toBe(404);
    expect((await ask("GET", "/hourly"))[0]).toBe(404);
    expect(ran).toEqual(["hourly", "broken"]);
  });
});

import { describe, expect, it } from "vitest";
import { checkTemplate } from "../../../local/template/template.ts";
import { functionResources, load } from "./tiny-stack.ts";

const bundles = { Worker: "exports.handler = async () => {};" };

describe("loading a template", () => {
  it.each([
    ["an unknown resource type", { Type: "AWS::Kinesis::Stream" }, /resource type AWS::Kinesis::Stream \(Odd\)/],
    [
      "an unknown property",
      { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: { "Fn::ImportValue": "x" } } },
      /Odd \(AWS::Logs::LogGroup\).*Fn::ImportValue/,
    ],
    [
      "an unknown attribute of a known resource",
      { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: { "Fn::GetAtt": ["WorkerRole", "Colour"] } } },
      /Odd .*WorkerRole\.Colour/,
    ],
    [
      "a managed policy that is not known",
      {
        Type: "AWS::IAM::Role",
        Properties: {
          AssumeRolePolicyDocument: { Statement: [] },
          ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
        },
      },
      /Odd .*AdministratorAccess/,
    ],
    [
      "a schedule that is no rate",
      { Type: "AWS::Events::Rule", Properties: { ScheduleExpression: "cron(0 12 * * ? *)", Targets: [] } },
      /Odd .*rate/,
    ],
    [
      "an event source that cannot be polled",
      {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: { EventSourceArn: "arn:aws:kinesis:x", FunctionName: { Ref: "Worker" } },
      },
      /Odd .*SQS/,
    ],
    [
      "an event source with a filter, which nothing plays",
      {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: {
          EventSourceArn: "arn:aws:sqs:eu-west-1:000000000000:work",
          FunctionName: { Ref: "Worker" },
          FilterCriteria: { Filters: [] },
        },
      },
      /Odd .*FilterCriteria/,
    ],
    [
      "a subscription with a filter, which nothing plays",
      {
        Type: "AWS::SNS::Subscription",
        Properties: {
          TopicArn: "arn:aws:sns:eu-west-1:000000000000:news",
          Protocol: "sqs",
          Endpoint: "arn:aws:sqs:eu-west-1:000000000000:work",
          FilterPolicy: {},
        },
      },
      /Odd .*FilterPolicy/,
    ],
  ])("fails by name on %s", async (_, Odd, sentence) => {
    await expect(load({ Resources: { ...functionResources("Worker"), Odd } }, { bundles })).rejects.toThrow(sentence);
  });

  it("fails by name on a section of the template that it does not know", () => {
    expect(() => checkTemplate({ Resources: {}, Transform: "AWS::Serverless-2016-10-31" })).toThrow(/Transform/);
  });

  it("fails on a function without a bundle", async () => {
    await expect(load({ Resources: functionResources("Worker") })).rejects.toThrow(/Worker .*bundle/);
  });

  it("fails on a role that Lambda may not assume", async () => {
    const Resources = functionResources("Worker");
    const role = {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "scheduler.amazonaws.com" } }],
        },
      },
    };
    await expect(load({ Resources: { ...Resources, WorkerRole: role } }, { bundles })).rejects.toThrow(
      /lambda\.amazonaws\.com/,
    );
  });

  it("names resources that depend on each other in a circle", async () => {
    const group = (other: string) => ({ Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: { Ref: other } } });
    await expect(load({ Resources: { One: group("Two"), Two: group("One") } })).rejects.toThrow(/circle: One, Two/);
  });

  it("makes what others name first, whatever the order in the template", async () => {
    const { stack } = await load(
      {
        Resources: {
          Policy: {
            Type: "AWS::IAM::Policy",
            Properties: {
              PolicyName: "p",
              PolicyDocument: {
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Action: "ssm:GetParameters", Resource: "*" }],
              },
              Roles: [{ Ref: "WorkerRole" }],
            },
          },
          Rule: {
            Type: "AWS::Events::Rule",
            Properties: {
              ScheduleExpression: "rate(5 minutes)",
              Targets: [{ Id: "T", Arn: { "Fn::GetAtt": ["Worker", "Arn"] } }],
            },
          },
          ...functionResources("Worker", {
            MemorySize: 512,
            Timeout: 20,
            Environment: { Variables: { WHERE: { Ref: "AWS::Region" } } },
          }),
        },
      },
      { bundles },
    );
    expect(stack.functions).toMatchObject([
      {
        name: "recado-local-Worker",
        memoryMegabytes: 512,
        timeoutSeconds: 20,
        environment: { WHERE: "eu-west-1" },
        role: { policies: [{ Version: "2012-10-17", Statement: [{ Action: "ssm:GetParameters" }] }] },
      },
    ]);
    expect(stack.schedules).toMatchObject([{ periodSeconds: 300, functionArn: stack.functions[0]?.arn }]);
  });

  it("leaves out what a condition excludes", async () => {
    const { stack } = await load(
      {
        Conditions: { IsElsewhere: { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] } },
        Resources: Object.fromEntries(
          Object.entries(functionResources("Worker")).map(([id, resource]) => [
            id,
            { ...resource, Condition: "IsElsewhere" },
          ]),
        ),
      },
      { bundles },
    );
    expect(stack.functions).toEqual([]);
  });

  it("hands the policies of queues, buckets and buses to whoever judges them, under their ARNs", async () => {
    const PolicyDocument = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "sqs:*" }] };
    const { resourcePolicies } = await load({
      Resources: {
        Queue: {
          Type: "AWS::SQS::QueuePolicy",
          Properties: { Queues: ["http://127.0.0.1:1/000000000000/work.fifo"], PolicyDocument },
        },
        Bucket: { Type: "AWS::S3::BucketPolicy", Properties: { Bucket: "bodies", PolicyDocument } },
        Bus: {
          Type: "AWS::Events::EventBusPolicy",
          Properties: { EventBusName: "bus", StatementId: "s", Statement: { Effect: "Allow" } },
        },
      },
    });
    expect(Object.fromEntries(resourcePolicies)).toEqual({
      "arn:aws:sqs:eu-west-1:000000000000:work.fifo": PolicyDocument,
      "arn:aws:s3:::bodies": PolicyDocument,
      "arn:aws:events:eu-west-1:000000000000:event-bus/bus": {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow" }],
      },
    });
  });

  it("makes topics, and refuses one that is FIFO and is not called so", async () => {
    const created: string[] = [];
    const topic = (Properties: Record<string, unknown>) => ({
      Resources: { Events: { Type: "AWS::SNS::Topic", Properties } },
    });
    const noted = { createTopic: async (topicArn: string) => void created.push(topicArn) };
    await load(topic({ TopicName: "events.fifo", FifoTopic: true, FifoThroughputScope: "MessageGroup" }), noted);
    expect(created).toEqual(["arn:aws:sns:eu-west-1:000000000000:events.fifo"]);
    await expect(load(topic({ TopicName: "events", FifoTopic: true }))).rejects.toThrow("ends with .fifo");
  });

  it("subscribes queues to topics, raw or not, and passes people over", async () => {
    const subscribed: unknown[] = [];
    const [TopicArn, queueArn] = ["arn:aws:sns:eu-west-1:000000000000:news", "arn:aws:sqs:eu-west-1:000000000000:work"];
    const subscription = (Properties: object) => ({
      Type: "AWS::SNS::Subscription",
      Properties: { TopicArn: { Ref: "News" }, ...Properties },
    });
    await load(
      {
        Resources: {
          News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
          Wrapped: subscription({ Protocol: "sqs", Endpoint: queueArn }),
          Raw: subscription({ Protocol: "sqs", Endpoint: queueArn, RawMessageDelivery: true }),
          Somebody: subscription({ Protocol: "email", Endpoint: "ana@example.com" }),
        },
      },
      { subscribe: async (...asked) => void subscribed.push(asked) },
    );
    expect(subscribed).toEqual([
      [TopicArn, queueArn, { isRaw: false }],
      [TopicArn, queueArn, { isRaw: true }],
    ]);
  });

  it("tells from the outputs below which path a function URL stands", async () => {
    const { loaded } = await load(
      {
        Resources: {
          ...functionResources("Worker"),
          Url: {
            Type: "AWS::Lambda::Url",
            Properties: { AuthType: "NONE", TargetFunctionArn: { "Fn::GetAtt": ["Worker", "Arn"] } },
          },
          Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } },
        },
        Outputs: {
          Webhook: { Value: { "Fn::Join": ["", [{ "Fn::GetAtt": ["Url", "FunctionUrl"] }, "webhooks/sms-twilio"]] } },
          ApiUrl: { Value: { "Fn::GetAtt": ["Api", "ApiEndpoint"] } },
        },
      },
      { bundles, publicUrl: "https://recado.example" },
    );
    expect(loaded.outputs).toEqual({
      Webhook: "https://recado.example/webhooks/sms-twilio",
      ApiUrl: "https://recado.example",
    });
    expect(Object.fromEntries(loaded.functionUrlPaths)).toEqual({ Url: ["webhooks/sms-twilio"] });
  });
});

/** Where events go is the owner's choice: the bus, the topic, both or neither. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { queuesIn } from "../../shared/aws/queues.ts";
import { all, configured, functionsOf, keysFor, targetsOf, templateOf, written } from "./synthesized.ts";

function withStreams(streams: object) {
  const { template, outdir } = templateOf(configured({ streams }));
  const functions = functionsOf(template);
  const named = (name: string) => functions.find((one) => one.name === name);
  const rung = Object.keys(queuesIn(written(named("record-event")?.Environment.Variables.CONSUMERS)));
  const codeOf = (name: string) => {
    const hash = named(name)?.Code.S3Key.replace(/\.zip$/, "");
    return readFileSync(join(outdir, `asset.${hash}`, "index.js"), "utf8");
  };
  return { template, named, rung, codeOf };
}

describe("with both streams", () => {
  const { template, named, rung, codeOf } = withStreams({ topic: true });

  it("the topic is FIFO and each stream has a function that may publish to that one alone, with cursors of its own", () => {
    const fifo = all(template, "AWS::SNS::Topic").filter(({ properties }) => properties.FifoTopic);
    expect(fifo.map(({ properties }) => properties.TopicName)).toEqual(["recado-dev.fifo"]);
    const [bus, topic] = [named("publish-event"), named("publish-event-topic")];
    if (!bus || !topic) throw new Error("a stream has no function");
    expect(targetsOf(topic, "sns:Publish")).toEqual([`{${fifo[0]?.id}}`]);
    expect([...targetsOf(bus, "sns:Publish"), ...targetsOf(topic, "events:PutEvents")]).toEqual([]);
    expect(keysFor(bus, "PutItem")).toEqual(["CURSOR#publish-event#*"]);
    expect(keysFor(topic, "PutItem")).toEqual(["CURSOR#publish-event-topic#*"]);
  });

  it("each is rung for, and each function carries the client of its own stream alone", () => {
    expect(rung).toEqual(expect.arrayContaining(["publish-event", "publish-event-topic"]));
    const services = ["com.amazonaws.eventbridge", "com.amazonaws.sns"];
    const carried = (name: string) => services.map((service) => codeOf(name).includes(service));
    expect(carried("publish-event")).toEqual([true, false]);
    expect(carried("publish-event-topic")).toEqual([false, true]);
  });
});

describe("without any stream", () => {
  const { template, named, rung } = withStreams({ bus: false });

  it("there is no bus, no topic, no queue and no function, and nobody is rung for", () => {
    expect([named("publish-event"), named("publish-event-topic")]).toEqual([undefined, undefined]);
    const queues = all(template, "AWS::SQS::Queue").map(({ properties }) => String(properties.QueueName));
    expect(queues.filter((name) => name.includes("publish-event"))).toEqual([]);
    expect(all(template, "AWS::Events::EventBus")).toEqual([]);
    expect(all(template, "AWS::SNS::Topic").filter(({ properties }) => properties.FifoTopic)).toEqual([]);
    expect(rung.filter((name) => name.startsWith("publish-event"))).toEqual([]);
  });
});

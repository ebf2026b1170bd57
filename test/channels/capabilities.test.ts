import { expect, test } from "vitest";
import { capabilities } from "../../shared/channels/capabilities.ts";
import { connectors } from "../../shared/channels/registry.ts";

test("the capabilities apart are those of the registry's connectors, each of them", () => {
  const registered = Object.entries(connectors).map(([name, connector]) => [name, connector.capabilities]);
  expect(capabilities).toEqual(Object.fromEntries(registered));
});

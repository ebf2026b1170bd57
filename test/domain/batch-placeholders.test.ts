import fc from "fast-check";
import { expect, test } from "vitest";
import { placeholdersIn, withValues } from "../../shared/domain/batch-placeholders.ts";

test("stand in any text, however deep, and are filled as they are", () => {
  const written = {
    type: "template",
    name: "chegou",
    parameters: ["{{name}}", "Pedido {{order}} de {{name}}"],
    buttons: [{ index: 0, type: "url", value: "p/{{order}}" }],
  };
  expect(placeholdersIn(written).names).toEqual(["name", "order", "name", "order"]);
  expect(withValues(written, { name: "Ana $& {{order}} <b>", order: "4711" })).toEqual({
    ...written,
    parameters: ["Ana $& {{order}} <b>", "Pedido 4711 de Ana $& {{order}} <b>"],
    buttons: [{ index: 0, type: "url", value: "p/4711" }],
  });
});

test.each(["{{first name}}", "{{}}", "{{ name }}", "{{1}}", "{{name}", "name}}", "{{nome-próprio}}", "{{__proto__}}"])(
  "%s is none",
  (text) => {
    expect(placeholdersIn({ text })).toEqual({ names: [], stray: true });
    expect(withValues({ text }, { name: "Ana" })).toEqual({ text });
  },
);

test("no name of an object's own is a value", () => {
  expect(withValues({ text: "{{constructor}}" }, {})).toEqual({ text: "{{constructor}}" });
});

test("a text without two braces stays as it is, whatever the values", () => {
  const plain = fc.string().filter((text) => !/\{\{|\}\}/.test(text));
  fc.assert(
    fc.property(plain, fc.dictionary(fc.string(), fc.string()), (text, values) => {
      expect(placeholdersIn({ text })).toEqual({ names: [], stray: false });
      expect(withValues({ text }, values)).toEqual({ text });
    }),
    { numRuns: 100 },
  );
});

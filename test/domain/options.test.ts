import { expect, test } from "vitest";
import type { Content } from "../../shared/domain/content.ts";
import { choiceFor, numbered, optionsOf } from "../../shared/domain/options.ts";

const sizes: Content = {
  type: "list",
  text: "Qual tamanho?",
  button: "Ver",
  sections: [
    {
      title: "Adulto",
      rows: [
        { id: "m", title: "M" },
        { id: "g", title: "G", description: "até 90 kg" },
      ],
    },
    {
      title: "Criança",
      rows: [
        { id: "c2", title: "2" },
        { id: "c4", title: "4 anos" },
      ],
    },
  ],
};
const options = optionsOf(sizes);

test("options are numbered through all sections, with nothing left out", () => {
  expect(numbered(sizes)).toBe("Qual tamanho?\n\nAdulto\n1. M\n2. G: até 90 kg\n\nCriança\n3. 2\n4. 4 anos");
});

test.each<[string, string | undefined]>([
  ["1", "m"],
  [" 4. ", "c4"],
  ["(3)", "c2"],
  ["4)", "c4"],
  ["g", "g"],
  ["4 ANOS", "c4"],
  // The title of one option before the number of another.
  ["2", "c2"],
  ["0", undefined],
  ["5", undefined],
  ["2 por favor", undefined],
  ["", undefined],
])("the answer “%s” means %s", (text, id) => {
  expect(choiceFor(options, text)?.id).toBe(id);
});

test("a title that two options share means neither", () => {
  const twins = [
    { id: "a", title: "Azul" },
    { id: "b", title: "azul" },
  ];
  expect(choiceFor(twins, "Azul")).toBeUndefined();
  expect(choiceFor(twins, "2")?.id).toBe("b");
});

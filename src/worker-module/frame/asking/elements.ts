// Makes the surface's elements one by one: no HTML is ever parsed, so Trusted Types have nothing to allow.
// Text goes in as text; attributes are plain ones, never an event handler.

const SVG = 'http://www.w3.org/2000/svg';

/** Attributes by name; one that is null is left out. */
export type Attributes = Readonly<Record<string, string | null>>;

/** An element with its attributes and children; a string becomes a text node. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

function drawing(name: string, viewBox: string, ...paths: readonly Attributes[]): SVGSVGElement {
  const made = document.createElementNS(SVG, 'svg');
  setAttributes(made, { class: name, viewBox, 'aria-hidden': 'true', focusable: 'false' });
  for (const attributes of paths) {
    const path = document.createElementNS(SVG, 'path');
    setAttributes(path, attributes);
    made.append(path);
  }
  return made;
}

function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) if (value !== null) target.setAttribute(name, value);
}

/** The module's own mark: the ticket, held in a seal. The terminal's mark has no seal. */
export function moduleMark(): SVGSVGElement {
  return drawing(
    'mark',
    '0 0 48 48',
    { class: 'seal', d: 'M24 2.5a21.5 21.5 0 1 1 0 43 21.5 21.5 0 0 1 0-43z' },
    { class: 'seal fine', d: 'M24 6a18 18 0 1 1 0 36 18 18 0 0 1 0-36z' },
    {
      class: 'ticket-shape',
      d: 'M13 16h22a1.5 1.5 0 0 1 1.5 1.5v3a3.5 3.5 0 0 0 0 7v3A1.5 1.5 0 0 1 35 32H13a1.5 1.5 0 0 1-1.5-1.5v-3a3.5 3.5 0 0 0 0-7v-3A1.5 1.5 0 0 1 13 16z',
    },
    { class: 'tear', d: 'M29.5 17.5v13' },
  );
}

/** The sign beside something that cannot be undone, or that went wrong. */
export function warningSign(): SVGSVGElement {
  return drawing('sign', '0 0 24 24', { d: 'M12 4.5l8.5 15h-17zM12 10v4.5M12 16.6v.4' });
}

/** The sign on the key that takes the last digit back. */
export function backSign(): SVGSVGElement {
  return drawing('sign', '0 0 24 24', { d: 'M9 5.5h11.5v13H9L3 12zM11.5 9l6 6M17.5 9l-6 6' });
}

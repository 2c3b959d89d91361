// @ts-check
// Makes elements out of names and text alone: no markup is ever read from a string, so nothing that a file says can become part of the page.

/**
 * An element with a class, text or children.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 * @param {readonly (Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, className = '', children = []) {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/**
 * The element of the page's document that a selector names.
 * @template {Element} Kind
 * @param {string} selector
 * @param {new () => Kind} kind
 * @param {ParentNode} within
 * @returns {Kind}
 */
export function find(selector, kind, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not there`);
  return found;
}

/**
 * Writes text where it has changed, so that what reads the page aloud or has it selected is not disturbed.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A button.
 * @param {string} look
 * @param {string} word
 * @param {() => void} press
 */
export function makeButton(look, word, press) {
  const button = make('button', `button ${look}`, [word]);
  button.type = 'button';
  button.addEventListener('click', press);
  return button;
}

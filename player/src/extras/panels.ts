import { svg } from '../element/icons.ts';
import { iconButton, make } from '../element/skin.ts';
import type { Desk } from './context.ts';

/** What fills a panel; `refresh` is called while it is open, at each status and each second. */
export type PanelBody = { element: HTMLElement; refresh(): void };
export type Panel = { name: string; element: HTMLElement; body: PanelBody };

export type Panels = {
  add(name: string, title: string, body: PanelBody): Panel;
  toggle(panel: Panel): void;
  /** True when one was open. */
  close(): boolean;
  isOpen(panel: Panel): boolean;
  refresh(): void;
  remove(): void;
};

const SECOND_MS = 1_000;
const CLOSE = svg('<path d="m6 6 12 12M18 6 6 18"/>');

/** Boxes over the picture, one at a time: focus goes in when one opens and back when it closes; the statistics leave it where it is. */
export function createPanels(desk: Desk): Panels {
  const all: Panel[] = [];
  let open: Panel | null = null;
  let cameFrom: Element | null = null;
  let closedByPress = false;
  const timer = setInterval(() => open?.body.refresh(), SECOND_MS);

  function close(): boolean {
    if (!open) return false;
    const had = open.element.contains(desk.root.activeElement);
    open.element.hidden = true;
    open = null;
    desk.host.removeAttribute('panel');
    if (had && cameFrom instanceof HTMLElement) cameFrom.focus();
    return true;
  }

  function show(panel: Panel): void {
    close();
    cameFrom = desk.root.activeElement ?? desk.host;
    open = panel;
    panel.body.refresh();
    panel.element.hidden = false;
    desk.host.setAttribute('panel', panel.name);
    if (panel.name !== 'stats') (firstControl(panel.body.element) ?? firstControl(panel.element))?.focus();
  }

  // A press elsewhere closes a menu; the statistics stay until they are closed.
  desk.host.addEventListener(
    'pointerdown',
    (event) => {
      const isInside = event.composedPath().some((each) => each === open?.element || isOpener(each));
      closedByPress = open !== null && open.name !== 'stats' && !isInside && close();
    },
    { signal: desk.signal },
  );
  // The same press on the picture does not pause as well.
  desk.host.addEventListener(
    'click',
    (event) => {
      if (closedByPress && event.composedPath()[0] === desk.video) event.stopPropagation();
      closedByPress = false;
    },
    { signal: desk.signal, capture: true },
  );

  return {
    add(name, title, body) {
      const element = make('section', `panel ${name}`);
      element.part.add('panel');
      element.setAttribute('role', 'dialog');
      element.setAttribute('aria-label', title);
      element.hidden = true;
      const head = make('header', 'head');
      const heading = make('h2', 'heading');
      heading.textContent = title;
      const closer = iconButton(CLOSE, desk.words.close);
      closer.addEventListener('click', () => close());
      head.append(heading, closer);
      element.append(head, body.element);
      desk.root.append(element);
      const panel = { name, element, body };
      all.push(panel);
      return panel;
    },
    toggle(panel) {
      if (open === panel) close();
      else show(panel);
    },
    close,
    isOpen: (panel) => open === panel,
    refresh: () => open?.body.refresh(),
    remove() {
      clearInterval(timer);
      for (const { element } of all) element.remove();
      desk.host.removeAttribute('panel');
    },
  };
}

const isOpener = (target: EventTarget) => target instanceof HTMLElement && target.dataset.opens !== undefined;

/** The first control that is not hidden with its row. */
function firstControl(within: HTMLElement): HTMLElement | undefined {
  const controls = within.querySelectorAll<HTMLElement>('select, input, button');
  return [...controls].find((control) => control.closest('[hidden]:not(.panel)') === null);
}

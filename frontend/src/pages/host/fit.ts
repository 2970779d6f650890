/** Type as large as the room allows. */
import type { Attachment } from 'svelte/attachments';

/**
 * Sets the font size of an element's only child between two bounds (CSS pixels) so that the child
 * fits into the element, and again whenever either changes.
 */
export function fit(smallest: number, largest: number): Attachment<HTMLElement> {
  return (room) => {
    const words = room.firstElementChild;
    if (!(words instanceof HTMLElement)) return;
    const measure = (): void => {
      let low = smallest;
      let high = largest;
      const fits = (size: number): boolean => {
        words.style.fontSize = `${size}px`;
        return words.scrollHeight <= room.clientHeight && words.scrollWidth <= room.clientWidth;
      };
      if (fits(high)) return;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (fits(middle)) low = middle;
        else high = middle;
      }
      fits(low);
    };
    const resized = new ResizeObserver(measure);
    resized.observe(room);
    const changed = new MutationObserver(measure);
    changed.observe(words, { childList: true, characterData: true, subtree: true });
    void document.fonts.ready.then(measure);
    measure();
    return () => {
      resized.disconnect();
      changed.disconnect();
    };
  };
}

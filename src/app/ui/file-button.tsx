// A button that has the person choose a file. The input itself is out of sight; the same file can be chosen twice.

import { useRef } from 'react';
import { Button, type ButtonLook } from './button.tsx';

/** `accept`: endings or types that the chooser offers. */
export function FileButton({
  word,
  accept,
  look = 'plain',
  disabled,
  onFile,
}: {
  readonly word: string;
  readonly accept: string;
  readonly look?: ButtonLook;
  readonly disabled: boolean;
  onFile(file: File): void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file !== undefined) onFile(file);
        }}
      />
      <Button look={look} icon="upload" disabled={disabled} onClick={() => input.current?.click()}>
        {word}
      </Button>
    </>
  );
}

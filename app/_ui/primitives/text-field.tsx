'use client';

import { Field } from '@base-ui/react/field';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from '../cn.ts';
import { inputLook } from './input-look.ts';

export type TextFieldProps = Omit<ComponentProps<'input'>, 'size'> & {
  label: string;
  /** Stands under the field while there is no error. */
  hint?: ReactNode;
  /** One sentence that says what to change; its line is always reserved, so nothing jumps. */
  error?: string | null;
  /** Shown inside, before the text: `openair.example/`. */
  prefix?: string;
};

/** A labelled line of text. */
export function TextField({ label, hint, error, prefix, className, id, name, ...input }: TextFieldProps) {
  const invalid = Boolean(error);
  return (
    <Field.Root invalid={invalid} name={name} className={cn('flex flex-col gap-1', className)}>
      <Field.Label className="text-13 font-medium text-ink">{label}</Field.Label>
      <div className="relative flex">
        {prefix && (
          <span className="inline-flex items-center rounded-l-control border border-r-0 border-control bg-raised px-3 text-13 text-muted">
            {prefix}
          </span>
        )}
        <Field.Control id={id} {...input} className={cn(inputLook, prefix && 'rounded-l-none')} />
      </div>
      <FieldNote hint={hint} error={error} />
    </Field.Root>
  );
}

export type TextAreaProps = Omit<ComponentProps<'textarea'>, 'size'> & {
  label: string;
  hint?: ReactNode;
  error?: string | null;
};

/** A labelled text of several lines. */
export function TextArea({ label, hint, error, className, name, ...area }: TextAreaProps) {
  return (
    <Field.Root invalid={Boolean(error)} name={name} className={cn('flex flex-col gap-1', className)}>
      <Field.Label className="text-13 font-medium text-ink">{label}</Field.Label>
      <Field.Control render={<textarea rows={3} {...area} />} className={cn(inputLook, 'resize-y')} />
      <FieldNote hint={hint} error={error} />
    </Field.Root>
  );
}

/** The line under a field: its error, else its hint, else empty space of the same height. */
export function FieldNote({ hint, error }: { hint?: ReactNode; error?: string | null }) {
  return (
    <div className="min-h-[1.15rem] text-12" aria-live="polite">
      {error ? (
        <Field.Error match className="font-medium text-warn">
          {error}
        </Field.Error>
      ) : (
        hint && <Field.Description className="text-muted">{hint}</Field.Description>
      )}
    </div>
  );
}

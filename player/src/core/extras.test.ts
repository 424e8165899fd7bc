import { describe, expect, test } from 'vitest';
import { captionProperties, DEFAULT_CAPTIONS, readCaptionStyle } from './caption-style.ts';
import { extraWordsFor } from './extra-words.ts';
import { previewAt, readStoryboard } from './storyboard.ts';

describe('the storyboard', () => {
  const TEXT = `WEBVTT

00:00:00.000 --> 00:00:05.000
storyboard-0.jpg#xywh=0,0,160,90

NOTE nothing

00:00:05.000 --> 00:00:10.500
storyboard-0.jpg#xywh=160,0,160,90

01:00:00.000 --> 01:00:30.000
storyboard-1.jpg#xywh=0,90,160,90
`;
  const previews = readStoryboard(TEXT, 'https://x.test/play/pb_1/');

  test('is read with its images beside it', () => {
    expect(previews).toHaveLength(3);
    expect(previews[1]).toEqual({
      fromS: 5,
      toS: 10.5,
      image: 'https://x.test/play/pb_1/storyboard-0.jpg',
      x: 160,
      y: 0,
      width: 160,
      height: 90,
    });
  });

  test('has a picture for every second from its first one on', () => {
    expect([0, 4.9, 5, 600, 3600, 9000].map((atS) => previewAt(previews, atS)?.fromS)).toEqual([
      0, 0, 5, 5, 3600, 3600,
    ]);
    expect(previewAt([], 3)).toBeNull();
  });

  test('is read with line ends of other systems, and is empty when it is something else', () => {
    expect(readStoryboard(TEXT.replaceAll('\n', '\r\n'), '/')).toHaveLength(3);
    expect(readStoryboard('<html>not found</html>', '/')).toEqual([]);
  });
});

describe('caption style', () => {
  test('what was kept is read choice by choice', () => {
    expect(readCaptionStyle('{"size":150,"color":"pink","edge":"outline"}')).toEqual({
      ...DEFAULT_CAPTIONS,
      size: 150,
      edge: 'outline',
    });
    for (const text of [null, '', 'null', '[]', '{']) expect(readCaptionStyle(text)).toEqual(DEFAULT_CAPTIONS);
  });

  test('becomes properties of the caption box', () => {
    expect(captionProperties({ ...DEFAULT_CAPTIONS, size: 200, backdrop: 0 })).toMatchObject({
      '--caption-size': '2',
      '--caption-backdrop': 'rgb(0 0 0 / 0)',
    });
  });
});

test('every language has every word of the extras', () => {
  const en = extraWordsFor('en');
  const de = extraWordsFor('de-CH');
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  for (const [word, text] of Object.entries(en)) {
    const blanks = (of: string) => of.match(/\{\w+\}/g) ?? [];
    expect(blanks(de[word as keyof typeof de]), word).toEqual(blanks(text));
  }
});

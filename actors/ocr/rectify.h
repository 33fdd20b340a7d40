/* rectify: makes a tilted or perspective page straight, so that its lines run along rows and columns of pixels.
 *
 * Source: the lines of one direction meet in a vanishing point, so their slopes where they cross the middle of the page
 * are a linear function of the place (Hartley, Zisserman, 2.2); two such functions give the homography. Without lines,
 * the tilt at which the letters' bottoms fall into the fewest rows (H. Baird 1987).
 */
#ifndef YOGI_OCR_RECTIFY_H
#define YOGI_OCR_RECTIFY_H

#include "actors/picture/picture_warp.h"
#include "lines.h"

/* Straightens the sheet in place where it needs it, and gives the traces and lines of what it is then (the caller
 * closes and frees them, on failure too). *map leads from its former pixels to its present ones (identity where nothing
 * was done). A page of small print is made larger by the way. -1 when memory is refused. */
int rectify(sheet_t *sheet, homography_t *map, traces_t *traces, lines_t *lines) __attribute__((warn_unused_result));

/* The traces and lines of a sheet that is known to be straight; given back and failing as above. */
int straight_lines(const sheet_t *sheet, traces_t *traces, lines_t *lines) __attribute__((warn_unused_result));

#endif

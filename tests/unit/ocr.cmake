yogi_unit(picture yogi_picture m)
yogi_unit(grid stage_ocr m)
yogi_unit(ocr_parts stage_ocr m)
yogi_unit(lineread stage_ocr m)

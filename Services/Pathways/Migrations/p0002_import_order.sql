-- A uri that several frameworks give to different items is the item of the one that was imported first: what it means then
-- never changes again, in no replica and by no later import.
ALTER TABLE framework ADD COLUMN imported bigint UNIQUE;
UPDATE framework f SET imported = n.number
  FROM (SELECT k.framework, row_number() OVER (ORDER BY a.created_at, k.framework) AS number
          FROM framework k LEFT JOIN aggregate a ON a.id = k.framework) n
 WHERE n.framework = f.framework;
